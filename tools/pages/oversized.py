"""The same pages with the longest names that are possible."""

from dataclasses import replace
from typing import Any, Final

from token_refresher.consent.result import ConsentResult
from token_refresher.consent.service import LandingPage
from tools.pages.situation import LAST_TIME
from tools.pages.situations import SITUATIONS

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


def _oversized(shown: LandingPage | ConsentResult | None) -> LandingPage | ConsentResult | None:
    match shown:
        case LandingPage():
            return replace(
                shown, credential=_NAME, account_name=_ACCOUNT, last_username=_MAIL, last_consented_at=LAST_TIME
            )
        case ConsentResult():
            return replace(shown, **{field: text for field, text in _RESULT.items() if getattr(shown, field)})
        case None:
            return None


OVERSIZED: Final = tuple(replace(one, shown=_oversized(one.shown)) for one in SITUATIONS)
