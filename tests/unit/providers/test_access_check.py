"""The call that proves an access token: what each answer says about it."""

import pytest
import responses

from token_refresher.base.sensitive import Sensitive
from token_refresher.base.timeouts import CHECKING
from token_refresher.credential.account import AccountAccess
from token_refresher.providers.access_check import TokenAnswer, check_access
from token_refresher.providers.http import HttpClient

URL = "https://api.example.com/userinfo"
TOKEN = Sensitive("planted-access-token")


@pytest.mark.parametrize(
    ("status", "access"),
    [
        pytest.param(200, AccountAccess.REACHABLE, id="the token works"),
        pytest.param(401, AccountAccess.REFUSED, id="the token is not valid"),
        pytest.param(403, AccountAccess.REFUSED, id="the token is not enough"),
        pytest.param(204, AccountAccess.UNVERIFIED, id="nothing was shown"),
        pytest.param(302, AccountAccess.UNVERIFIED, id="a redirect is not followed"),
        pytest.param(404, AccountAccess.UNVERIFIED, id="there is no such page"),
        pytest.param(500, AccountAccess.UNVERIFIED, id="an outage"),
    ],
)
@responses.activate
def test_the_status_says_whether_the_token_works(status: int, access: AccountAccess) -> None:
    responses.get(URL, status=status, headers={"Location": "https://other.example.com"})
    assert check_access(HttpClient(CHECKING), URL, TOKEN) == TokenAnswer(access, status)
    [call] = responses.calls
    assert call.request.headers["Authorization"] == "Bearer planted-access-token"


@responses.activate
def test_no_answer_says_nothing() -> None:
    responses.get(URL, body=ConnectionError())
    assert check_access(HttpClient(CHECKING), URL, TOKEN) == TokenAnswer(AccountAccess.UNVERIFIED)
