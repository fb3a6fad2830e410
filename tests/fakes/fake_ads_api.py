"""Microsoft Advertising, reduced to its one answer. Used in place of `AdsApi`, which is a concrete class."""

from datetime import timedelta

from token_refresher.ads_api import AccountAccess
from token_refresher.sensitive import Sensitive


class FakeAdsApi:
    """Answers every question in the same way, and keeps the questions."""

    def __init__(self, answer: AccountAccess = AccountAccess.REACHABLE) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, str]] = []

    deadline = timedelta(seconds=16)

    def access(self, access_token: Sensitive, developer_token: Sensitive, account_id: str) -> AccountAccess:
        """See `AdsApi.access`."""
        self.asked.append((access_token.reveal(), developer_token.reveal(), account_id))
        return self.answer
