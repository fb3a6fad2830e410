"""Publishes the tokens of a credential to what its consumers read, before its entry says that all is done."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from token_refresher.base.errors import PublicationRefusedError, ServiceUnavailableError
from token_refresher.credential.consumer_document import consumer_document, pointer_document
from token_refresher.credential.document import Credential
from token_refresher.credential.status import Status, status_for
from token_refresher.diagnosis.diagnosis import NOT_PUBLISHED, Diagnosis, our_own
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.record import is_tried_on
from token_refresher.rotation.publication import Publication
from token_refresher.rotation.publisher import Publisher

_DENIED: Final = (
    "The tokens are good, but pipelines do not get them: AWS does not let Token Refresher write the secret."
)


@dataclass(frozen=True)
class Published:
    """How a publication ended.

    Attributes:
        entry: The entry with what is published now.
        refused: Why the operator has to act, if a secret may not be written.
        missing: Why something could not be published now, if so. The next attempt does it.
    """

    entry: RegistryEntry
    refused: Diagnosis | None = None
    missing: ServiceUnavailableError | None = None


@dataclass(frozen=True)
class Publishing:
    """Keeps the secrets for consumers in step with a credential. It never fails an attempt.

    Attributes:
        publisher: Writes the secrets.
        consumer_prefix: Where the secrets for consumers are.
        secret_prefix: Where the credentials are; a pointer is there, too.
    """

    publisher: Publisher
    consumer_prefix: str
    secret_prefix: str

    def publish(
        self, entry: RegistryEntry, credential: Credential, now: datetime, problem: Diagnosis | None = None
    ) -> Published:
        """Publish the tokens of a credential, and remove what it does not publish any more.

        Args:
            entry: Its entry.
            credential: Its current document.
            now: The time.
            problem: Why its tokens are not renewed until a person acts; consumers read that as well.
        """
        status, reason = _status(entry, problem)
        wanted = self._wanted(entry, credential, now)
        if not wanted and not entry.publications:
            return Published(entry)
        kept, refused, missing = list[Publication](), None, None
        for publication in wanted:
            document = (
                pointer_document(f"{self.secret_prefix}/{entry.name}", credential)
                if publication.is_pointer
                else consumer_document(self.secret_prefix, entry.name, credential, status, reason)
            )
            try:
                self._check(publication)
                kept.append(self.publisher.publish(document, publication) if document else publication)
            except PublicationRefusedError as error:
                if not publication.is_pointer:  # A pointer that is none any more needs nothing.
                    known = our_own(NOT_PUBLISHED)
                    refused = replace(known, cause=f"{known.cause} {error}.")
            except ServiceUnavailableError as error:
                kept.append(publication)
                missing = error
                if not error.passing:
                    refused = replace(our_own(NOT_PUBLISHED), code=error.code, cause=f"{_DENIED} The call was {error}.")
        not_removed = self._removed(entry.name, [one for one in entry.publications if one not in wanted], kept)
        return Published(entry.publishing(tuple(kept)), refused, missing or not_removed)

    def publish_status(self, entry: RegistryEntry, credential: Credential, now: datetime) -> RegistryEntry:
        """Publish the status of a credential that was resumed: consumers read that it is paused.

        Only an attempt can tell the new status, and may fail in a way that passes. Until then the one before the pause
        holds.

        Returns:
            The entry with what is published now. What could not be published is left to the end of the attempt.
        """
        if not any(one.is_outdated for one in entry.publications):
            return entry
        return self.publish(entry, credential, now, entry.diagnosis if _has_stopped(entry) else None).entry

    def remove(self, entry: RegistryEntry) -> None:
        """Remove the secrets for consumers of a credential that is gone.

        Raises:
            ServiceUnavailableError: AWS did not do it.
        """
        for publication in entry.publications:
            if not publication.is_pointer:
                self.publisher.remove(entry.name, publication)

    def _wanted(self, entry: RegistryEntry, credential: Credential, now: datetime) -> list[Publication]:
        pointers = [one for one in entry.publications if one.until is not None and now < one.until]
        if credential.publish_to is None:
            return pointers
        secret = f"{self.consumer_prefix}/{credential.publish_to}"
        known = next((one for one in entry.publications if one.secret == secret), Publication(secret))
        return [known, *pointers]

    def _check(self, publication: Publication) -> None:
        within = publication.secret.removeprefix(f"{self.consumer_prefix}/")
        if not publication.is_pointer and within.startswith(f"{self.secret_prefix}/"):
            raise PublicationRefusedError(
                publication.secret,
                f"would copy the managed prefix: publish_to is a name without {self.secret_prefix}/",
            )

    def _removed(self, name: str, former: list[Publication], kept: list[Publication]) -> ServiceUnavailableError | None:
        """Remove what is not published any more; keep in mind what could not be removed, and return why."""
        failed = None
        for publication in former:
            if publication.is_pointer:
                continue  # The operator deletes a pointer.
            try:
                self.publisher.remove(name, publication)
            except ServiceUnavailableError as error:
                kept.append(publication)
                failed = error
        return failed


def _status(entry: RegistryEntry, problem: Diagnosis | None) -> tuple[Status, str]:
    """Return what consumers read of a credential: its status, and why its tokens are not renewed."""
    if entry.is_paused:
        return Status.PAUSED, ""
    return (status_for(problem), problem.summary) if problem else (Status.HEALTHY, "")


def _has_stopped(entry: RegistryEntry) -> bool:
    """Tell whether the last failure stops refreshes until a person acts, whatever the status is since."""
    if entry.diagnosis is None:
        return False
    status = status_for(entry.diagnosis)
    return status.needs_a_person and not is_tried_on(status, entry.diagnosis.meaning)
