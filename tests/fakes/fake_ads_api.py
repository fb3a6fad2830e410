"""The Microsoft Advertising API without the network: the client itself is the real one."""

from collections.abc import Mapping
from datetime import timedelta

from tests.fakes.failures import NO_ANSWER
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.account import AccountAccess, AccountAnswer
from token_refresher.diagnosis.diagnosis import Diagnosis, diagnose_ads
from token_refresher.providers.microsoft.ads_api import NO_HEADERS, AdsApi

ACCOUNT_NAME = "Example Search"
CUSTOMER_ID = "7654321"


def ads_refusal(code: int) -> Diagnosis:
    """Return the diagnosis of an error code of the API."""
    return diagnose_ads(ProviderFailure(FailureKind.REFUSED, 400, codes=(code,)))


_WHY = {
    AccountAccess.REACHABLE: None,
    AccountAccess.REFUSED: ads_refusal(106),
    AccountAccess.UNVERIFIED: diagnose_ads(NO_ANSWER),
}


class FakeAdsApi(AdsApi):
    """Gives every request the same answer, and keeps the requests.

    Attributes:
        answer: The access that it answers.
        why: The diagnosis to give instead of the usual one of that answer.
        status: The status of the account that it answers.
        asked: The access token, the developer token and the account of each request.
        asked_sandbox: Whether each request was for the sandbox.
        asked_with: The additional headers of each request.
    """

    def __init__(self, answer: AccountAccess = AccountAccess.REACHABLE) -> None:
        self.answer = answer
        self.why: Diagnosis | None = None
        self.status = "Active"
        self.asked: list[tuple[str, str, str]] = []
        self.asked_sandbox: list[bool] = []
        self.asked_with: list[dict[str, str]] = []

    @property
    def deadline(self) -> timedelta:
        """See `AdsApi.deadline`."""
        return timedelta(seconds=16)

    def access(
        self,
        access_token: Sensitive,
        developer_token: Sensitive,
        account_id: str,
        *,
        is_sandbox: bool = False,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> AccountAnswer:
        """See `AdsApi.access`."""
        self.asked.append((access_token.reveal(), developer_token.reveal(), account_id))
        self.asked_sandbox.append(is_sandbox)
        self.asked_with.append(dict(headers))
        if self.answer is not AccountAccess.REACHABLE:
            return AccountAnswer(self.answer, self.why or _WHY[self.answer])
        return AccountAnswer(self.answer, name=ACCOUNT_NAME, status=self.status, customer_id=CUSTOMER_ID)
