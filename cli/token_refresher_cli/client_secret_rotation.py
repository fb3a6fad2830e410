"""A new client secret for a credential: written beside the old one, checked by a refresh, then the old one goes.

The document holds both until Microsoft has taken the new one, and refreshes try them in that order, so pipelines go on
working whatever happens, and whenever. The same steps made again take it up where it was left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from token_refresher.answer import Answer
from token_refresher.credential import Credential
from token_refresher.errors import MalformedCredentialError, ServiceUnavailableError
from token_refresher.outcome import Result
from token_refresher.secret_store import SecretState
from token_refresher.sensitive import Sensitive
from token_refresher.sqs_queue import EnqueueError
from token_refresher_cli.credentials import Credentials
from token_refresher_cli.ending import RefreshEnding
from token_refresher_cli.errors import CommandError, bad_input, explained
from token_refresher_cli.exit_code import ExitCode
from token_refresher_cli.installation import Installation
from token_refresher_cli.on_demand import NoAnswerError, OnDemand
from token_refresher_cli.registry_edit import is_paused
from token_refresher_cli.secret_edit import Change, SecretEdit
from token_refresher_cli.terminal import progress

_SECRET: Final = "client_secret"
_PREVIOUS: Final = "previous_client_secret"
_EXPIRES: Final = "client_secret_expires_at"
_PREVIOUS_EXPIRES: Final = "previous_client_secret_expires_at"
"""Kept beside the old value for as long as that may have to be put back; nobody else reads it."""

_OF_THE_SECRET: Final = "client_secret"
"""The condition of a diagnosis that a good client secret ends."""

_AWS: Final = (BotoCoreError, ClientError, EnqueueError, ServiceUnavailableError)
"""What AWS did not do."""


class Verdict(Enum):
    """What Microsoft says of a client secret."""

    TAKEN = "it was taken"
    REFUSED = "it was refused"
    OPEN = "it was not asked, or did not say"

    @classmethod
    def of(cls, answer: Answer) -> "Verdict":
        """Return what an answer says of ``client_secret``."""
        diagnosis = answer.diagnosis
        if answer.used_previous_client_secret or (diagnosis is not None and diagnosis.condition == _OF_THE_SECRET):
            return cls.REFUSED
        return cls.TAKEN if answer.result is Result.REFRESHED else cls.OPEN


@dataclass(frozen=True)
class NewSecret:
    """What a credential is to get.

    Attributes:
        value: The client secret; ``None`` where one waits in the document that is to be checked.
        expires_at: When it ends, or ``None`` where that is not known.
    """

    value: Sensitive | None
    expires_at: str | None

    def introduced(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what puts it into a document, beside the one that is there."""
        known = {} if self.expires_at is None else {_EXPIRES: self.expires_at}
        current, previous = document.get(_SECRET), document.get(_PREVIOUS)
        if self.value is None or self.value == _sensitive(current):
            return known
        changes = {_SECRET: self.value.reveal(), _EXPIRES: self.expires_at}
        if previous is None or self.value == _sensitive(previous):
            return changes | {_PREVIOUS: current, _PREVIOUS_EXPIRES: document.get(_EXPIRES)}
        return changes  # What was tried before it did not work (`make_room`): what did is kept already.


@dataclass(frozen=True)
class ClientSecretRotation:
    """Gives a credential a new client secret.

    Attributes:
        installation: Where.
        timeout_seconds: How long the check may take.
    """

    installation: Installation
    timeout_seconds: int

    def check_possible(self, name: str) -> tuple[SecretState, Credential]:
        """Return a credential whose client secret can be replaced.

        Raises:
            CommandError: There is none, or the credential has no client secret.
        """
        state, version = Credentials(self.installation).current(name)
        if version.credential.client_secret is None:
            raise bad_input(
                f"{name} has no client secret: it signs in as a public client.",
                f"If that is to change: token-refresher set {name} client_secret=-",
            )
        return state, version.credential

    def others(self, name: str, credential: Credential) -> list[str]:
        """Return the other credentials of an application that have another client secret, or both still."""
        found = []
        for other in sorted(set(self.installation.registry.of_application(credential.client_id)) - {name}):
            try:
                theirs = Credentials(self.installation).current(other)[1].credential
            except (CommandError, MalformedCredentialError):
                continue  # Gone, or to be mended first: the record of it is behind.
            is_done = theirs.client_secret == credential.client_secret and theirs.previous_client_secret is None
            if theirs.client_id == credential.client_id and theirs.client_secret is not None and not is_done:
                found.append(other)
        return found

    def obstacle(self, state: SecretState, credential: Credential) -> str:
        """Return why a client secret cannot be checked with a refresh; empty where it can."""
        if is_paused(state, self.installation.registry.get(state.name)):
            return f"{state.name} is paused"
        return "" if credential.refresh_token else f"nobody has signed in for {state.name} yet"

    def write(self, name: str, new: NewSecret) -> None:
        """Put the new one beside the old one."""
        with progress(f"Writing {name}"):
            SecretEdit(self.installation).apply(name, new.introduced)

    def check(self, name: str) -> str:
        """Refresh the credential, and keep the one client secret that works.

        Returns:
            What was done, as one or more sentences.

        Raises:
            CommandError: Microsoft refused the new one, and the old one is back; or it did not say, and both are there.
        """
        try:
            tried, ending = self._asked(name)
        except NoAnswerError as error:
            raise self._open(name, error.message, error.next_step, ExitCode.FAILED) from None
        except _AWS as error:
            known = explained(error)
            if known is None:
                raise
            raise self._open(name, known.message, known.next_step, known.exit_code) from error
        match self._keep_what_works(name, tried, ending):
            case Verdict.TAKEN:
                return f"{ending.message} Microsoft takes the new client secret, and the old one is no longer kept."
            case Verdict.REFUSED:
                raise self._refused(name, ending.answer)
            case Verdict.OPEN:
                raise self._open(name, ending.message, ending.next_step, _failing(ending))

    def make_room(self, name: str, new: NewSecret, obstacle: str) -> None:
        """Find out which of two client secrets works where a third one is to come: a working one must not go for it.

        Raises:
            CommandError: That cannot be found out now; nothing was written.
        """
        credential = Credentials(self.installation).current(name)[1].credential
        kept = {credential.client_secret, credential.previous_client_secret}
        if new.value is None or new.value in kept or credential.previous_client_secret is None:
            return
        why, step, code = obstacle, "Mend that first.", ExitCode.FAILED
        if not obstacle:
            try:
                tried, ending = self._asked(name)
            except NoAnswerError as error:
                why, step = error.message, error.next_step
            else:
                if self._keep_what_works(name, tried, ending) is not Verdict.OPEN:
                    return
                why, step, code = ending.message, ending.next_step, _failing(ending)
        raise CommandError(
            f"{name} has two client secrets, and which of them works is not known: {why.rstrip('.')}. Nothing was"
            " written.",
            f"{step} Or say that the newer one stays: token-refresher set {name} --remove {_PREVIOUS}".strip(),
            code,
        )

    def _asked(self, name: str) -> tuple[Sensitive | None, RefreshEnding]:
        """Refresh the credential; return the client secret that was tried first, and how it ended."""
        state, version = Credentials(self.installation).current(name)
        with progress(f"Checking it with a refresh of {name}"):
            entry = OnDemand(self.installation, self.timeout_seconds).refresh(state)
        return version.credential.client_secret, RefreshEnding.of(entry)

    def _keep_what_works(self, name: str, tried: Sensitive | None, ending: RefreshEnding) -> Verdict:
        verdict = Verdict.of(ending.answer)
        if verdict is Verdict.TAKEN:
            self._settle(name, tried, lambda _: {_PREVIOUS: None, _PREVIOUS_EXPIRES: None})
        elif verdict is Verdict.REFUSED:
            self._settle(name, tried, _put_back)
        return verdict

    def _settle(self, name: str, tried: Sensitive | None, change: Change) -> None:
        def settled(document: Mapping[str, Any]) -> Mapping[str, Any]:
            # Somebody may have put another one there meanwhile, of which this says nothing.
            is_so = _sensitive(document.get(_SECRET)) == tried and _PREVIOUS in document
            return change(document) if is_so else {}

        with progress(f"Writing {name}"):
            SecretEdit(self.installation).apply(name, settled)

    def _refused(self, name: str, answer: Answer) -> CommandError:
        diagnosis = answer.diagnosis
        if answer.used_previous_client_secret:
            why = "Microsoft refuses it, and takes the old one."
        else:
            cause = f" {diagnosis.cause} ({diagnosis.code})" if diagnosis else ""
            why = f"Microsoft refuses it, and no refresh worked with the old one either.{cause}"
        return CommandError(
            f"The new client secret of {name} does not work. {why} The old one is back in its place.",
            "Make sure that it is the value and not the id, of this application, and not older than its end; one that"
            " was made a minute ago may need another. Then run the command again.",
            ExitCode.PERSON_NEEDED,
        )

    def _open(self, name: str, message: str, next_step: str, code: ExitCode) -> CommandError:
        return CommandError(
            f"It is not known yet whether Microsoft takes the new client secret of {name}. {message} Both are kept, the"
            " new one is tried first, and pipelines are not affected.",
            f"{next_step} To finish it, run the same command again.".strip(),
            code,
        )


def _failing(ending: RefreshEnding) -> ExitCode:
    """Return the exit code of a check that found nothing out, however the refresh ended."""
    return ending.exit_code if ending.exit_code is not ExitCode.DONE else ExitCode.FAILED


def _put_back(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        _SECRET: document[_PREVIOUS],
        _EXPIRES: document.get(_PREVIOUS_EXPIRES),
        _PREVIOUS: None,
        _PREVIOUS_EXPIRES: None,
    }


def _sensitive(value: Any) -> Sensitive | None:
    return Sensitive(value.strip()) if isinstance(value, str) else None
