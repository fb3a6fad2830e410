"""What went wrong between us and a provider, as facts; what it means is the diagnosis' business."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

_CLIENT_ERROR: Final = 400
_SERVER_ERROR: Final = 500
"""From here on it is the server that failed, maybe after it had done what was asked (RFC 9110, section 15.6)."""


class FailureKind(StrEnum):
    """How far the call got."""

    NOT_SENT = "not_sent"
    """There was no connection: the request never left."""

    NO_ANSWER = "no_answer"
    """The request may have arrived, and no whole answer came back in time."""

    UNUSABLE_ANSWER = "unusable_answer"
    """An answer that is no JSON object, or a success without what a success must hold."""

    REFUSED = "refused"
    """An error answer (RFC 6749, section 5.2)."""


@dataclass(frozen=True)
class ProviderFailure:
    """The allow-listed facts of a failed call; never the body, which may hold what it was asked with.

    Attributes:
        kind: How far the call got.
        http_status: The status, where there was an answer.
        error: The OAuth error code, such as ``invalid_grant``.
        suberror: Microsoft's refinement of it.
        codes: The AADSTS or Ads API codes, most general first.
        correlation_id: What Microsoft's support asks for.
        retry_after: How long the provider asks to be left alone.
        claims: What the next sign-in has to prove (`claims_challenge`).
        hint: The name of a phrase that its description has (`meaning.hint`), where the code alone does not tell.
    """

    kind: FailureKind
    http_status: int | None = None
    error: str = ""
    suberror: str = ""
    codes: tuple[int, ...] = ()
    correlation_id: str = ""
    retry_after: timedelta | None = None
    hint: str = ""
    claims: str = ""

    @property
    def may_have_been_granted(self) -> bool:
        """Whether tokens may have been issued all the same: only a clear refusal, or no request, rules it out."""
        if self.kind is FailureKind.NOT_SENT:
            return False
        return self.http_status is None or not _CLIENT_ERROR <= self.http_status < _SERVER_ERROR

    def __str__(self) -> str:
        facts = [str(self.kind)]
        if self.http_status is not None:
            facts.append(f"HTTP {self.http_status}")
        facts += [text for text in (self.error, self.suberror) if text]
        facts += [str(code) for code in self.codes]
        facts += [self.hint] if self.hint else []
        return " ".join(facts)
