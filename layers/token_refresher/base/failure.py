"""The facts of a failed call to a provider. `diagnosis` says what they mean."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from token_refresher.base.reason import Reason

_CLIENT_ERROR: Final = 400
_SERVER_ERROR: Final = 500
"""The first status of a server error: the server may have processed the request (RFC 9110, section 15.6)."""


class FailureKind(StrEnum):
    """How far the call got."""

    NOT_SENT = "not_sent"
    """There was no connection, so the request was not sent."""

    NO_ANSWER = "no_answer"
    """The request may have arrived, but no complete answer came back in time."""

    UNUSABLE_ANSWER = "unusable_answer"
    """The answer is no JSON object, or a success without the members of a success."""

    REFUSED = "refused"
    """An error answer (RFC 6749, section 5.2)."""


@dataclass(frozen=True)
class ProviderFailure:
    """The allow-listed facts of a failed call. Never the body, which may quote the request.

    Attributes:
        kind: How far the call got.
        http_status: The status of the answer: the provider's, or that of a proxy that refused to connect.
        error: The OAuth error code, such as ``invalid_grant``.
        suberror: Microsoft's refinement of the error.
        codes: The AADSTS or Ads API codes, the most general one first.
        correlation_id: The id that Microsoft's support asks for.
        retry_after: The pause that the provider requests.
        claims: What the next sign-in has to prove (`claims_challenge`).
        hint: The name of a known phrase in the description, if the code alone is ambiguous (`catalogue.hint`).
        reason: Why the call failed, if there is no OAuth answer.
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
    reason: Reason | None = None

    @property
    def may_have_been_granted(self) -> bool:
        """Whether the provider may have issued tokens. Only a 4xx answer, or no request at all, rules it out."""
        if self.kind is FailureKind.NOT_SENT:
            return False
        if self.kind is FailureKind.REFUSED and self.error and self.http_status is not None:
            return self.http_status >= _SERVER_ERROR  # Some providers refuse with status 200.
        return self.http_status is None or not _CLIENT_ERROR <= self.http_status < _SERVER_ERROR

    def __str__(self) -> str:
        facts = [str(self.kind)]
        facts += [str(self.reason)] if self.reason else []
        if self.http_status is not None:
            facts.append(f"HTTP {self.http_status}")
        facts += [text for text in (self.error, self.suberror) if text]
        facts += [str(code) for code in self.codes]
        facts += [self.hint] if self.hint else []
        return " ".join(facts)
