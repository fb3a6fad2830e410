"""The return of an administrator who was asked to accept for a whole organization (docs/credentials.md).

Microsoft redirects them to the redirect URI of the app, without a state of this service. Anybody can write such a
request, so it proves nothing and changes nothing, and the page repeats nothing of it but the code of an error.

Source: https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
"""

from collections.abc import Mapping
from typing import Final

from token_refresher.base import identifiers
from token_refresher.base.words import MICROSOFT
from token_refresher.consent.result import ConsentOutcome, ConsentResult
from token_refresher.diagnosis.diagnosis import CONSENT_DECLINED, UNKNOWN, diagnose
from token_refresher.providers.refusal_facts import refusal_facts

_BAD_REQUEST: Final = 400

_CANCELLED: Final = "permission_denied"
"""The error of earlier versions of Microsoft's page, which did not send ``admin_consent``."""

_OF_MICROSOFT_ADVERTISING: Final = ("/msads.manage", "/.default")

_ELSE_ACCEPTED: Final = (
    "The permission for Microsoft Advertising, msads.manage, is not among those that were accepted: the address"
    " that was opened asked for others."
)


def admin_consent(query: Mapping[str, str]) -> ConsentResult | None:
    """Return the result of an administrator's decision, or ``None`` if the request is another one.

    Args:
        query: The query of the callback. With a code it is a sign-in, whatever else it holds.
    """
    error, is_marked = query.get("error", ""), query.get("admin_consent", "").lower() == "true"
    if query.get("code") or not (is_marked or (error == _CANCELLED and not query.get("state"))):
        return None
    if not error:
        scopes = identifiers.scopes(query.get("scope", ""))
        is_ours = not scopes or any(scope.endswith(_OF_MICROSOFT_ADVERTISING) for scope in scopes)
        cause = "" if is_ours else _ELSE_ACCEPTED
        return ConsentResult(ConsentOutcome.ADMIN_CONSENTED, cause=cause, words=MICROSOFT)
    facts = {key: query.get(key, "") for key in ("error", "error_description")}
    why = diagnose(refusal_facts(_BAD_REQUEST, facts))
    if error == _CANCELLED or why.meaning in {CONSENT_DECLINED, UNKNOWN}:
        return ConsentResult(ConsentOutcome.ADMIN_REFUSED, code=why.code, words=MICROSOFT)
    return ConsentResult(
        ConsentOutcome.ADMIN_REFUSED, cause=why.cause, action=why.action, code=why.code, words=MICROSOFT
    )
