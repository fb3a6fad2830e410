"""The same pages with the longest names that they may meet."""

from dataclasses import replace
from typing import Any, Final

from tests.pages.situations import LAST_TIME, SITUATIONS
from token_refresher.consent import Landing
from token_refresher.consent_result import ConsentResult

_NAME: Final = "a-team-with-a-long-name/" + "search-and-shopping-advertising-" * 7
_MAIL: Final = "a.person.whose.name.does.not.end.at.all" * 3 + "@advertising.department.of.a.subsidiary.example.com"
_ACCOUNT: Final = "Advertising" * 9
_RESULT: Final[dict[str, Any]] = {
    "credential": _NAME,
    "username": _MAIL,
    "previous_username": f"previous.{_MAIL}",
    "account_name": _ACCOUNT,
    "code": f"malformed_credential.{'x' * 200}",
}


def _oversized(shown: Landing | ConsentResult | None) -> Landing | ConsentResult | None:
    match shown:
        case Landing():
            return replace(
                shown, credential=_NAME, account_name=_ACCOUNT, last_username=_MAIL, last_consented_at=LAST_TIME
            )
        case ConsentResult():
            return replace(shown, **{field: text for field, text in _RESULT.items() if getattr(shown, field)})
        case None:
            return None


OVERSIZED: Final = tuple(replace(one, shown=_oversized(one.shown)) for one in SITUATIONS)
