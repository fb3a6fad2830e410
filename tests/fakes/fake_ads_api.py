"""Microsoft Advertising, reduced to its one answer. Used in place of `AdsApi`, which is a concrete class."""

from datetime import timedelta

from tests.fakes.failures import NO_ANSWER
from token_refresher.account import AccountAccess, AccountAnswer
from token_refresher.diagnosis import Diagnosis, diagnose_ads
from token_refresher.failure import FailureKind, ProviderFailure
from token_refresher.sensitive import Sensitive

ACCOUNT_NAME = "Example Search"
CUSTOMER_ID = "7654321"


def ads_refusal(code: int) -> Diagnosis:
    """Return what a code of the API means."""
    return diagnose_ads(ProviderFailure(FailureKind.REFUSED, 400, codes=(code,)))


_WHY = {
    AccountAccess.REACHABLE: None,
    AccountAccess.REFUSED: ads_refusal(106),
    AccountAccess.UNVERIFIED: diagnose_ads(NO_ANSWER),
}


class FakeAdsApi:
    """Answers every question in the same way, and keeps the questions.

    Attributes:
        answer: What it says of whoever asks.
        why: Why, where that is not what it mostly is.
        status: What it says of the account.
        asked: The access token, the developer token and the account of each question.
        asked_sandbox: Whether each of them was for the sandbox.
    """

    def __init__(self, answer: AccountAccess = AccountAccess.REACHABLE) -> None:
        self.answer = answer
        self.why: Diagnosis | None = None
        self.status = "Active"
        self.asked: list[tuple[str, str, str]] = []
        self.asked_sandbox: list[bool] = []

    deadline = timedelta(seconds=16)

    def access(
        self, access_token: Sensitive, developer_token: Sensitive, account_id: str, *, is_sandbox: bool = False
    ) -> AccountAnswer:
        """See `AdsApi.access`."""
        self.asked.append((access_token.reveal(), developer_token.reveal(), account_id))
        self.asked_sandbox.append(is_sandbox)
        if self.answer is not AccountAccess.REACHABLE:
            return AccountAnswer(self.answer, self.why or _WHY[self.answer])
        return AccountAnswer(self.answer, name=ACCOUNT_NAME, status=self.status, customer_id=CUSTOMER_ID)
