"""The cookies of several tabs in one browser."""

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from hypothesis import given
from hypothesis import strategies as st

from token_refresher.base.sensitive import Sensitive
from token_refresher.consent.service import AuthorizationRedirect
from token_refresher.entrypoints.web.cookies import ConsentCookies

KEYS = st.text("0123456789abcdef", min_size=16, max_size=16)
VALUES = st.text("ABCabc019_-", min_size=1, max_size=43)


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5), st.booleans(), st.data())
def test_each_consent_finds_its_own_cookie(values: dict[str, str], secure: bool, data: st.DataObject) -> None:
    cookies = ConsentCookies(secure=secure)
    jar = [
        str(cookies.of(AuthorizationRedirect("", Sensitive(value), key))).split(";")[0] for key, value in values.items()
    ]
    key = data.draw(st.sampled_from(sorted(values)))
    assert cookies.returned(APIGatewayProxyEventV2({"cookies": jar}), key) == Sensitive(values[key])


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"cookies": ["other=1", "consent-abc=planted-cookie"]}, id="in the field for cookies"),
        pytest.param({"headers": {"cookie": "other=1; consent-abc=planted-cookie"}}, id="in the header"),
    ],
)
def test_a_cookie_is_found_wherever_the_gateway_leaves_it(event: dict[str, object]) -> None:
    cookies = ConsentCookies(secure=False)
    assert cookies.returned(APIGatewayProxyEventV2({"headers": {}, **event}), "abc") == Sensitive("planted-cookie")
