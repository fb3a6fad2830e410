"""The official SDK of Microsoft Advertising."""

import pytest

from local.recipes.microsoft import Microsoft
from local.recipes.page import code
from local.recipes.pipeline import Pipeline, RecipeFailedError
from tests.local.identity_provider.client_app import ClientApp
from tests.recipes.publisher import ACCOUNT_ID, CUSTOMER_ID, Publisher

SECTION = "The official SDK: bingads"
RECIPE = code(SECTION)
AGAIN = '\ncampaigns.GetCampaignsByAccountId(AccountId=secret.read()["account_id"])\n'

BY_ITSELF = """
import sys
from bingads import AuthorizationData, OAuthTokens, OAuthWebAuthCodeGrant, ServiceClient

client_id, client_secret, access_token, refresh_token = sys.argv[1:]
authentication = OAuthWebAuthCodeGrant(
    client_id, client_secret, "", oauth_tokens=OAuthTokens(access_token, 3600, refresh_token)
)
customers = ServiceClient(
    "CustomerManagementService",
    version=13,
    authorization_data=AuthorizationData(1234567, 7654321, "planted-developer-token", authentication),
)
customers.GetUser(UserId=None)
"""
"""What the SDK's own examples do."""


def test_the_sdk_sends_what_is_in_the_secret(pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher) -> None:
    assert pipeline.run("bingads", RECIPE) == "Spring\n"
    [call] = microsoft.calls
    assert call.operation == "GetCampaignsByAccountId"
    assert call.headers == {
        "AuthenticationToken": publisher.published[-1],
        "DeveloperToken": "planted-developer-token",
        "CustomerAccountId": ACCOUNT_ID,
        "CustomerId": CUSTOMER_ID,
    }
    assert microsoft.token_requests == []


def test_the_sdk_survives_the_end_of_a_token(pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher) -> None:
    publisher.replace_what_lasts_for_four_minutes(microsoft)
    pipeline.run("bingads", RECIPE + AGAIN)
    assert [call.access_token for call in microsoft.calls] == publisher.published[1:]
    assert [call.code for call in microsoft.calls] == [0, 0]
    assert microsoft.token_requests == []


def test_with_the_reader_the_sdk_repeats_a_call_with_the_next_token(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher
) -> None:
    microsoft.after(1, publisher.replace)
    call = "campaigns.GetCampaignsByAccountId(AccountId=reader.token().account.account_id)"
    pipeline.run("bingads", f"{code(SECTION, number=1)}\n{call}\n")
    first, second = publisher.published
    assert [(call.access_token, call.code) for call in microsoft.calls] == [(first, 0), (first, 109), (second, 0)]
    assert microsoft.calls[-1].headers["CustomerId"] == CUSTOMER_ID
    assert microsoft.token_requests == []


def test_without_its_switch_the_sdk_hides_the_code_of_microsoft(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher
) -> None:
    publisher.let_it_end()
    with pytest.raises(RecipeFailedError, match="WebFault: Server raised fault"):
        pipeline.run("bingads", RECIPE)
    assert microsoft.calls[-1].code == 109
    switched = RECIPE.replace("    client.refresh_oauth_tokens_automatically = False\n", "")
    assert switched != RECIPE
    with pytest.raises(RecipeFailedError, match=r"ValueError.*cannot refresh token automatically"):
        pipeline.run("bingads", switched)


def test_with_the_refresh_token_the_sdk_ends_the_grant(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher, app: ClientApp
) -> None:
    """Why no client gets it: the credential's own next refresh is refused."""
    publisher.be_strict()
    publisher.let_it_end()
    given = [app.client_id, str(app.secret), publisher.published[-1], publisher.refresh_token]
    pipeline.run("bingads", BY_ITSELF, *given)
    assert len(microsoft.token_requests) == 1
    with pytest.raises(AssertionError, match="invalid_grant"):
        publisher.publish()
