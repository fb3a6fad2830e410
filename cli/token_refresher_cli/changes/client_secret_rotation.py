"""Replaces a client secret: write the new one beside the old one, check it with a refresh, remove the old one.

The document has both until the provider accepts the new one, and a refresh tries the new one first. So pipelines go on
working if a run fails at any step, and another run of the same steps finishes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.registry.outcome import Outcome, Result
from token_refresher.rotation.secret_store import SecretState
from token_refresher_cli.changes.refresh_answer import RefreshAnswer
from token_refresher_cli.changes.refresh_request import NoAnswerError, RefreshRequester
from token_refresher_cli.changes.registry_edit import is_paused
from token_refresher_cli.changes.secret_edit import Change, SecretEdit
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.documents import Documents
from token_refresher_cli.installation.explanations import NOT_DONE, explained
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.shell.exit_code import ExitCode
from token_refresher_cli.shell.terminal import progress

_SECRET: Final = "client_secret"
_PREVIOUS: Final = "previous_client_secret"
_EXPIRES: Final = "client_secret_expires_at"
_PREVIOUS_EXPIRES: Final = "previous_client_secret_expires_at"
"""Kept with the old value, which may have to be put back; only this module reads it."""

_OF_THE_SECRET: Final = "client_secret"
"""The condition of a diagnosis that a valid client secret ends."""


class SecretVerdict(Enum):
    """What the provider said about a client secret."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "not asked, or no answer"

    @classmethod
    def of(cls, outcome: Outcome) -> "SecretVerdict":
        """Return what the outcome of a refresh says about ``client_secret``."""
        diagnosis = outcome.diagnosis
        if outcome.used_previous_client_secret or (diagnosis is not None and diagnosis.condition == _OF_THE_SECRET):
            return cls.REFUSED
        return cls.ACCEPTED if outcome.result is Result.REFRESHED else cls.UNKNOWN


@dataclass(frozen=True)
class NewSecret:
    """A new client secret.

    Attributes:
        value: The client secret; ``None`` to check the one that an earlier run wrote.
        expires_at: When it expires, if that is known.
    """

    value: Sensitive | None
    expires_at: str | None

    def introduced(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the changes that write it into a document, beside the old one."""
        known = {} if self.expires_at is None else {_EXPIRES: self.expires_at}
        current, previous = document.get(_SECRET), document.get(_PREVIOUS)
        if self.value is None or self.value == _sensitive(current):
            return known
        changes = {_SECRET: self.value.reveal(), _EXPIRES: self.expires_at}
        if previous is None or self.value == _sensitive(previous):
            return changes | {_PREVIOUS: current, _PREVIOUS_EXPIRES: document.get(_EXPIRES)}
        return changes  # `make_room` has seen that the current one does not work: the working one is kept already.


@dataclass(frozen=True)
class ClientSecretRotation:
    """Replaces the client secrets of an installation.

    Attributes:
        installation: The installation.
        timeout_seconds: How long to wait for the check.
    """

    installation: Installation
    timeout_seconds: int

    def check_possible(self, name: str) -> tuple[SecretState, Credential]:
        """Return a credential, if it has a client secret to replace.

        Raises:
            CommandError: There is no such credential, or it has no client secret.
        """
        state, version = Credentials(self.installation).current(name)
        if version.credential.client_secret is None:
            raise bad_input(
                f"{name} has no client secret: its app is a public client.",
                f"To give it one: token-refresher set {name} client_secret=-",
            )
        return state, version.credential

    def others(self, name: str, credential: Credential) -> list[str]:
        """Return the other credentials of an application that do not have this client secret alone."""
        found = []
        names = sorted(set(self.installation.registry.of_application(credential.client_id)) - {name})
        for other, current in Documents(self.installation.secrets).named(names):
            theirs = current.credential if current else None
            if current is not None and current.refusal is not None:
                raise current.refusal
            if theirs is None:
                continue  # It is gone, or an operator has to fix its document first.
            is_done = theirs.client_secret == credential.client_secret and theirs.previous_client_secret is None
            if theirs.client_id == credential.client_id and theirs.client_secret is not None and not is_done:
                found.append(other)
        return found

    def obstacle(self, state: SecretState, credential: Credential) -> str:
        """Return why a refresh cannot check the client secret; empty if it can."""
        if is_paused(state, self.installation.registry.get(state.name)):
            return f"{state.name} is paused"
        return "" if credential.refresh_token else f"nobody has signed in for {state.name} yet"

    def write(self, name: str, new: NewSecret) -> None:
        """Write the new client secret beside the old one."""
        with progress(f"Writing {name}"):
            SecretEdit(self.installation).apply(name, new.introduced)

    def check(self, name: str) -> str:
        """Refresh the credential, and keep only the client secret that works.

        Returns:
            What was done, in sentences.

        Raises:
            CommandError: The provider refused the new one, and the old one is back; or its answer is not known, and
                both are kept.
        """
        try:
            tried, answer = self._check_with_refresh(name)
        except NoAnswerError as error:
            raise self._undecided(name, error.message, error.next_step, ExitCode.FAILED) from None
        except NOT_DONE as error:
            known = explained(error)
            if known is None:
                raise
            raise self._undecided(name, known.message, known.next_step, known.exit_code) from error
        match self._keep_what_works(name, tried, answer):
            case SecretVerdict.ACCEPTED:
                return f"{answer.message} {answer.provider} accepts the new client secret; the old one is removed."
            case SecretVerdict.REFUSED:
                raise self._refused(name, answer)
            case SecretVerdict.UNKNOWN:
                raise self._undecided(name, answer.message, answer.next_step, _failed_code(answer))

    def make_room(self, name: str, new: NewSecret, obstacle: str) -> None:
        """Keep only the working one of two client secrets before a third one is written.

        Raises:
            CommandError: It is not known which one works; nothing was written.
        """
        credential = Credentials(self.installation).current(name)[1].credential
        kept = {credential.client_secret, credential.previous_client_secret}
        if new.value is None or new.value in kept or credential.previous_client_secret is None:
            return
        why, step, code = obstacle, "Fix that first.", ExitCode.FAILED
        if not obstacle:
            try:
                tried, answer = self._check_with_refresh(name)
            except NoAnswerError as error:
                why, step = error.message, error.next_step
            else:
                if self._keep_what_works(name, tried, answer) is not SecretVerdict.UNKNOWN:
                    return
                why, step, code = answer.message, answer.next_step, _failed_code(answer)
        raise CommandError(
            f"{name} has two client secrets, and it is not known which one works: {why.rstrip('.')}. Nothing was"
            " written.",
            f"{step} Or keep only the newer one: token-refresher set {name} --remove {_PREVIOUS}".strip(),
            code,
        )

    def _check_with_refresh(self, name: str) -> tuple[Sensitive | None, RefreshAnswer]:
        """Refresh the credential; return the client secret that was tried first, and the answer."""
        state, version = Credentials(self.installation).current(name)
        with progress(f"Checking it with a refresh of {name}"):
            answer = RefreshAnswer(*RefreshRequester(self.installation, self.timeout_seconds).refresh(state))
        return version.credential.client_secret, answer

    def _keep_what_works(self, name: str, tried: Sensitive | None, answer: RefreshAnswer) -> SecretVerdict:
        verdict = SecretVerdict.of(answer.answer.outcome)
        if verdict is SecretVerdict.ACCEPTED:
            self._settle(name, tried, lambda _: {_PREVIOUS: None, _PREVIOUS_EXPIRES: None})
        elif verdict is SecretVerdict.REFUSED:
            self._settle(name, tried, _put_back)
        return verdict

    def _settle(self, name: str, tried: Sensitive | None, change: Change) -> None:
        def settled(document: Mapping[str, Any]) -> Mapping[str, Any]:
            # Another operator may have written another client secret, which this refresh did not check.
            is_so = _sensitive(document.get(_SECRET)) == tried and _PREVIOUS in document
            return change(document) if is_so else {}

        with progress(f"Writing {name}"):
            SecretEdit(self.installation).apply(name, settled)

    def _refused(self, name: str, answer: RefreshAnswer) -> CommandError:
        outcome = answer.answer.outcome
        diagnosis = outcome.diagnosis
        if outcome.used_previous_client_secret:
            why = f"{answer.provider} refuses it and accepts the old one."
        else:
            cause = f" {diagnosis.cause} ({diagnosis.code})" if diagnosis else ""
            why = f"{answer.provider} refuses it, and no refresh worked with the old one either.{cause}"
        return CommandError(
            f"The new client secret of {name} does not work. {why} The old one is back in its place.",
            "Check that you gave the value and not the id, and that it is of this application and not expired. If you"
            " created it a minute ago, wait another minute. Then run the command again.",
            ExitCode.PERSON_NEEDED,
        )

    def _undecided(self, name: str, message: str, next_step: str, code: ExitCode) -> CommandError:
        return CommandError(
            f"It is not known yet whether the new client secret of {name} is accepted. {message} Both are kept,"
            " the new one is tried first, and pipelines are not affected.",
            f"{next_step} To finish it, run the same command again.".strip(),
            code,
        )


def _failed_code(answer: RefreshAnswer) -> ExitCode:
    """Return the exit code of a check without a result, which is never `DONE`."""
    return answer.exit_code if answer.exit_code is not ExitCode.DONE else ExitCode.FAILED


def _put_back(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        _SECRET: document[_PREVIOUS],
        _EXPIRES: document.get(_PREVIOUS_EXPIRES),
        _PREVIOUS: None,
        _PREVIOUS_EXPIRES: None,
    }


def _sensitive(value: Any) -> Sensitive | None:
    return Sensitive(value.strip()) if isinstance(value, str) else None
