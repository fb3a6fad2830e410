"""Microsoft Advertising, reduced to its one answer. Used in place of `AdsApi`, which is a concrete class."""

from datetime import timedelta

from tests.fakes.failures import NO_ANSWER
from token_refresher.ads_api import AccountAccess, AccountAnswer
from token_refresher.diagnosis import ads_account_not_listed, diagnose_ads
from token_refresher.sensitive import Sensitive

_WHY = {
    AccountAccess.REACHABLE: None,
    AccountAccess.REFUSED: ads_account_not_listed(),
    AccountAccess.UNVERIFIED: diagnose_ads(NO_ANSWER),
}


class FakeAdsApi:
    """Answers every question in the same way, and keeps the questions."""

    def __init__(self, answer: AccountAccess = AccountAccess.REACHABLE) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, str]] = []

    deadline = timedelta(seconds=16)

    def access(self, access_token: Sensitive, developer_token: Sensitive, account_id: str) -> AccountAnswer:
        """See `AdsApi.access`."""
        self.asked.append((access_token.reveal(), developer_token.reveal(), account_id))
        return AccountAnswer(self.answer, _WHY[self.answer])
