"""How a refresh on demand ended, in words, as an exit code, and as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from token_refresher.answer import Answer
from token_refresher.clock import optional_to_rfc3339, readable_time
from token_refresher.diagnosis import Actor, Diagnosis
from token_refresher.outcome import Result
from token_refresher.registry_entry import RegistryEntry
from token_refresher.secret_store import SecretState
from token_refresher_cli.answer_document import answer_document
from token_refresher_cli.errors import CommandError
from token_refresher_cli.exit_code import ExitCode
from token_refresher_cli.installation import Installation
from token_refresher_cli.on_demand import OnDemand
from token_refresher_cli.terminal import progress

_SAME: Final = "{name} was refreshed. Microsoft sent no new refresh token: {presented} stays."
_AGAIN: Final = "Nobody has to do anything: it is tried again {again}."

_WORDS: Final[Mapping[Result, tuple[ExitCode, str, str]]] = {
    Result.REFRESHED: (ExitCode.DONE, "{name} was refreshed: {presented} -> {issued}.", ""),
    Result.RECOVERED: (ExitCode.DONE, "{name} has the tokens of an earlier refresh, which were not current yet.", ""),
    Result.NOT_DUE: (ExitCode.DONE, "{name} was looked at, and nothing had to be done.", ""),
    Result.OVERTAKEN: (
        ExitCode.FAILED,
        "Somebody else wrote {name} at the same time, and what they wrote stands.",
        "Ask again if it is to be refreshed all the same.",
    ),
    Result.UNDER_WAY: (
        ExitCode.FAILED,
        "Another refresh of {name} may be under way: its end is not on record yet.",
        "Ask again in a few minutes.",
    ),
    Result.KEPT: (ExitCode.FAILED, "{name} has new tokens, which are safe and could not be made current yet.", _AGAIN),
    Result.TOO_OFTEN: (
        ExitCode.FAILED,
        "{name} was refreshed as often as the versions of its secret allow.",
        "It is allowed again {again}. If nobody asked so often, look for what writes its secret.",
    ),
    Result.RETRY_LATER: (ExitCode.FAILED, "{name} could not be refreshed.", _AGAIN),
    Result.HELD_BACK: (ExitCode.FAILED, "{name} was not tried, for Microsoft has an outage.", _AGAIN),
    Result.NEEDS_A_PERSON: (ExitCode.PERSON_NEEDED, "{name} cannot be refreshed until somebody acts.", "{remedy}"),
    Result.PAUSED: (
        ExitCode.FAILED,
        "{name} is paused, and was not refreshed.",
        "token-refresher resume {name} sets it to work again.",
    ),
    Result.FORGOTTEN: (
        ExitCode.NOT_FOUND,
        "The secret of {name} is gone.",
        "token-refresher list shows the credentials that there are.",
    ),
}
"""By result: the exit code, what happened, and what to do next."""


@dataclass(frozen=True)
class RefreshEnding:
    """The end of a refresh that somebody asked for.

    Attributes:
        entry: The credential as it is on record since.
        answer: What the refresh function answered.
    """

    entry: RegistryEntry
    answer: Answer

    @classmethod
    def of(cls, entry: RegistryEntry) -> Self:
        """Return the end that an entry holds."""
        if entry.answer is None:
            raise ValueError("the entry holds no answer")
        return cls(entry, entry.answer)

    @classmethod
    def asked_for(cls, installation: Installation, state: SecretState, timeout_seconds: int) -> Self:
        """Refresh a credential on demand, and return how that ended; raises as `OnDemand.refresh`."""
        with progress(f"Refreshing {state.name}"):
            return cls.of(OnDemand(installation, timeout_seconds).refresh(state))

    @property
    def exit_code(self) -> ExitCode:
        """What the process ends with."""
        return _WORDS[self.answer.result][0]

    def check(self) -> None:
        """Raise a `CommandError` unless pipelines have a good token."""
        if self.exit_code is not ExitCode.DONE:
            raise CommandError(self.message, self.next_step, self.exit_code)

    @property
    def message(self) -> str:
        """What happened, as one or more sentences."""
        answer, (_, words, _) = self.answer, _WORDS[self.answer.result]
        if answer.result is Result.REFRESHED and answer.issued == answer.presented:
            words = _SAME
        happened = words.format(name=self.entry.name, presented=answer.presented, issued=answer.issued)
        return " ".join(filter(None, (happened, self._secret, self._why, self._until)))

    @property
    def next_step(self) -> str:
        """What to do next; empty where nothing is."""
        name, (_, _, words) = self.entry.name, _WORDS[self.answer.result]
        return words.format(name=name, again=self._again, remedy=_remedy(name, self.answer.diagnosis))

    def to_json(self) -> dict[str, Any]:
        """Return it for a program: times are RFC 3339 texts, tokens are named by their fingerprints."""
        return {
            "credential": self.entry.name,
            **answer_document(self.answer),
            "next_action_at": optional_to_rfc3339(self.entry.next_action_at),
            "message": self.message,
            "next_step": self.next_step or None,
        }

    @property
    def _until(self) -> str:
        ends_at = self.answer.expires_at
        if ends_at is None:
            return ""
        if ends_at <= self.answer.at:
            return f"Pipelines have had no access since {readable_time(ends_at)}."
        return f"Pipelines have a token until {readable_time(ends_at)}."

    @property
    def _secret(self) -> str:
        if not self.answer.used_previous_client_secret:
            return ""
        return "Microsoft refused client_secret, and took previous_client_secret."

    @property
    def _why(self) -> str:
        diagnosis = self.answer.diagnosis
        return "" if diagnosis is None else f"{diagnosis.cause} ({diagnosis.code})"

    @property
    def _again(self) -> str:
        at = self.entry.next_action_at
        return "at the next tick" if at is None or at <= self.answer.at else f"at {readable_time(at)}"


def _remedy(name: str, diagnosis: Diagnosis | None) -> str:
    if diagnosis is None:
        return f"token-refresher show {name} tells why."
    link = f" The link for that: token-refresher link {name}" if diagnosis.actor is Actor.USER else ""
    return f"{diagnosis.action}{link}"
