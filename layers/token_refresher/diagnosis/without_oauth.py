"""The meaning of a failure without an OAuth answer, from how far the call got, its reason and its HTTP status."""

from dataclasses import replace
from functools import cache
from typing import Any, Final

from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.base.words import Words
from token_refresher.diagnosis.catalogue import Actor, Meaning, meanings, rows

_TOO_MANY_REQUESTS: Final = 429
_REQUEST_TIMEOUT: Final = 408
_SERVER_ERRORS: Final = 500

_DO_NOT_PASS: Final = frozenset({Reason.ADDRESS_PRIVATE})
"""The reasons that somebody has to mend before another call."""

_MAY_PASS: Final = "Nothing yet: it is tried again, with growing pauses. If it lasts: "


def without_oauth(failure: ProviderFailure) -> tuple[str, Meaning] | None:
    """Return the code and the meaning of a failure whose body does not matter, or ``None`` for any other failure.

    The reason is the code and gives the texts. The meaning, which policy compares, depends only on how far the call
    got: one outage may first appear as an unresolved name and later as a timeout.
    """
    name = _name(failure)
    if not name:
        return None
    known = meanings()[name]
    row = _reasons().get(str(failure.reason)) if name in set(FailureKind) else None
    if row is None:
        return name, known
    happened = row["cause"].replace("{http_status}", str(failure.http_status))
    cause = " ".join(filter(None, (happened, _fate(failure))))
    does_not_pass = failure.reason in _DO_NOT_PASS and failure.kind is FailureKind.NOT_SENT
    if does_not_pass:
        known = replace(known, actor=Actor.OPERATOR, outage=False)
    first = "" if does_not_pass else _MAY_PASS
    elsewhere = {"action": f"{first}{row['elsewhere']['remedy']}"} if "elsewhere" in row else {}
    return str(failure.reason), known.saying({"cause": cause, "action": f"{first}{row['remedy']}"}, elsewhere)


def remedy(reason: str, words: Words) -> str:
    """Return what to do at a provider if a reason lasts, or empty for an unknown reason."""
    row = _reasons().get(reason)
    if not row:
        return ""
    own = {} if words.is_microsoft else row.get("elsewhere", {})
    return words.said(own.get("remedy", row["remedy"]))


def _name(failure: ProviderFailure) -> str:
    """Return the name of the meaning of a failure whose body does not matter, or empty."""
    status = failure.http_status
    if failure.kind is FailureKind.NOT_SENT:
        return "not_sent"
    if failure.kind is FailureKind.NO_ANSWER or status is None:
        return "no_answer"
    if status == _TOO_MANY_REQUESTS:
        return "throttled"
    if status == _REQUEST_TIMEOUT:
        return "timed_out"
    if status >= _SERVER_ERRORS:
        return "server_error"
    return "unusable_answer" if failure.kind is FailureKind.UNUSABLE_ANSWER else ""


def _fate(failure: ProviderFailure) -> str:
    """Say whether the refresh token may have been replaced. Empty after a refusal, which does not replace it."""
    fates: dict[str, str] = rows("reasons")["fates"]
    if failure.kind is FailureKind.NOT_SENT:
        return fates["not_sent"]
    return fates["perhaps"] if failure.may_have_been_granted else ""


@cache
def _reasons() -> dict[str, dict[str, Any]]:
    return dict(rows("reasons")["reasons"])
