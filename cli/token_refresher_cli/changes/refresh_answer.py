"""The answer to a refresh on demand: in words, as an exit code, and as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from token_refresher.base.clock import optional_to_rfc3339, readable_time, to_rfc3339
from token_refresher.diagnosis.diagnosis import Actor, Diagnosis
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.outcome import LastRequest, Result
from token_refresher.rotation.secret_store import SecretState
from token_refresher_cli.changes.refresh_request import RefreshRequester
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.exit_code import ExitCode
from token_refresher_cli.shell.terminal import progress

_SAME: Final = "{name} was refreshed. {provider} sent no new refresh token: {presented} stays."
_AGAIN: Final = "Nobody has to do anything: the next attempt is {again}."

_WORDS: Final[Mapping[Result, tuple[ExitCode, str, str]]] = {
    Result.REFRESHED: (ExitCode.DONE, "{name} was refreshed: {presented} -> {issued}.", ""),
    Result.RECOVERED: (ExitCode.DONE, "{name} has the tokens of an earlier refresh, which were not current yet.", ""),
    Result.NOT_DUE: (ExitCode.DONE, "The refresh function checked {name}, and nothing had to be done.", ""),
    Result.OVERTAKEN: (
        ExitCode.FAILED,
        "Another process changed {name} at the same time, and its change stands.",
        "If you still want to refresh it, run the command again.",
    ),
    Result.UNDER_WAY: (
        ExitCode.FAILED,
        "Another refresh of {name} may be running: the registry has no end of it yet.",
        "Try again in a few minutes.",
    ),
    Result.KEPT: (
        ExitCode.FAILED,
        "{name} has new tokens. They are stored, but could not be made current yet.",
        _AGAIN,
    ),
    Result.TOO_OFTEN: (
        ExitCode.FAILED,
        "{name} was refreshed as often as the versions of its secret allow.",
        "The next refresh is allowed {again}. If you did not ask this often, find out what else writes its secret.",
    ),
    Result.RETRY_LATER: (ExitCode.FAILED, "{name} could not be refreshed.", _AGAIN),
    Result.HELD_BACK: (ExitCode.FAILED, "{name} was not refreshed, because {provider} has an outage.", _AGAIN),
    Result.NEEDS_A_PERSON: (ExitCode.PERSON_NEEDED, "{name} cannot be refreshed until a person acts.", "{remedy}"),
    Result.PAUSED: (
        ExitCode.FAILED,
        "{name} is paused, so it was not refreshed.",
        "token-refresher resume {name} resumes it.",
    ),
    Result.FORGOTTEN: (
        ExitCode.NOT_FOUND,
        "The secret of {name} is gone.",
        "token-refresher list shows all credentials.",
    ),
}
"""By result: the exit code, what happened, and what to do next."""


@dataclass(frozen=True)
class RefreshAnswer:
    """The answer to a refresh on demand.

    Attributes:
        entry: The registry entry with this answer.
        answer: The answer of the refresh function.
    """

    entry: RegistryEntry
    answer: LastRequest

    @classmethod
    def requested(cls, installation: Installation, state: SecretState, timeout_seconds: int) -> Self:
        """Refresh a credential on demand and return the answer; raise what `RefreshRequester.refresh` raises."""
        with progress(f"Refreshing {state.name}"):
            return cls(*RefreshRequester(installation, timeout_seconds).refresh(state))

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the process."""
        return _WORDS[self.answer.outcome.result][0]

    def check(self) -> None:
        """Raise a `CommandError` unless the refresh succeeded or was not due."""
        if self.exit_code is not ExitCode.DONE:
            raise CommandError(self.message, self.next_step, self.exit_code)

    @property
    def provider(self) -> str:
        """How texts name the provider, as the refresh has recorded it."""
        return self.entry.issuer.words.provider

    @property
    def message(self) -> str:
        """What happened, in sentences."""
        outcome, (_, words, _) = self.answer.outcome, _WORDS[self.answer.outcome.result]
        if outcome.result is Result.REFRESHED and outcome.issued == outcome.presented:
            words = _SAME
        happened = words.format(
            name=self.entry.name, presented=outcome.presented, issued=outcome.issued, provider=self.provider
        )
        return " ".join(filter(None, (happened, self._secret, self._why, self._until)))

    @property
    def next_step(self) -> str:
        """What to do next; empty if there is nothing to do."""
        name, (_, _, words) = self.entry.name, _WORDS[self.answer.outcome.result]
        return words.format(name=name, again=self._again, remedy=_remedy(name, self.answer.outcome.diagnosis))

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON: times are RFC 3339 texts, fingerprints stand for tokens."""
        return {
            "credential": self.entry.name,
            **answer_document(self.answer),
            "next_action_at": optional_to_rfc3339(self.entry.next_action_at),
            "message": self.message,
            "next_step": self.next_step or None,
        }

    @property
    def _until(self) -> str:
        ends_at = self.answer.outcome.expires_at
        if ends_at is None:
            return ""
        if ends_at <= self.answer.at:
            return f"Pipelines have had no access since {readable_time(ends_at)}."
        return f"Pipelines have a token until {readable_time(ends_at)}."

    @property
    def _secret(self) -> str:
        if not self.answer.outcome.used_previous_client_secret:
            return ""
        return f"{self.provider} refused client_secret and accepted previous_client_secret."

    @property
    def _why(self) -> str:
        diagnosis = self.answer.outcome.diagnosis
        return "" if diagnosis is None else f"{diagnosis.cause} ({diagnosis.code})"

    @property
    def _again(self) -> str:
        at = self.entry.next_action_at
        return "at the next tick" if at is None or at <= self.answer.at else f"at {readable_time(at)}"


def _remedy(name: str, diagnosis: Diagnosis | None) -> str:
    if diagnosis is None:
        return f"token-refresher show {name} shows why."
    link = f" token-refresher link {name} prints the link." if diagnosis.actor is Actor.USER else ""
    return f"{diagnosis.action}{link}"


def answer_document(answer: LastRequest) -> dict[str, Any]:
    """Return an answer as JSON: times are RFC 3339 texts, fingerprints stand for tokens."""
    outcome = answer.outcome
    return {
        "request_id": answer.request_id,
        "at": to_rfc3339(answer.at),
        "result": str(outcome.result),
        "diagnosis": diagnosis_document(outcome.diagnosis) if outcome.diagnosis else None,
        "expires_at": optional_to_rfc3339(outcome.expires_at),
        "presented": outcome.presented or None,
        "issued": outcome.issued or None,
        "used_previous_client_secret": outcome.used_previous_client_secret,
    }


def diagnosis_document(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return what a failure means as JSON."""
    return {
        "code": diagnosis.code,
        "actor": str(diagnosis.actor),
        "certain": diagnosis.certain,
        "cause": diagnosis.cause,
        "action": diagnosis.action,
        "error": diagnosis.error or None,
        "suberror": diagnosis.suberror or None,
        "http_status": diagnosis.http_status,
        "reason": diagnosis.reason or None,
        "correlation_id": diagnosis.correlation_id or None,
        "help_url": diagnosis.help_url or None,
    }
