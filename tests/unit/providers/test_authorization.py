"""The authorization request: its URL and its parameters."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.fakes.failures import refused
from tests.fakes.fake_authority import DEPUTY, OWNER
from tests.fakes.outages import down
from tests.fakes.world import NAME, PUBLIC_URL, World
from token_refresher.base.sensitive import Sensitive
from token_refresher.consent.result import ConsentOutcome
from token_refresher.credential.document import Credential
from token_refresher.providers.authorization import AuthorizationRequest, SignInOptions, authorization_url
from token_refresher.providers.catalogue.builtin import builtin

CLAIMS = '{"access_token":{"capolids":{"essential":true,"values":["00000000-0000-4000-8000-00000000000a"]}}}'
CHALLENGE = replace(refused(50076, "interaction_required"), claims=CLAIMS)


@pytest.fixture
def world() -> World:
    return World.waiting()


def authorize_query(world: World, wish: SignInOptions) -> dict[str, str]:
    url = world.consent.start(NAME, world.invite(), wish).authorize_url
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def test_the_browser_is_sent_to_the_tenant_of_the_credential(world: World) -> None:
    world.edit(tenant="example.com")
    url = urlsplit(world.consent.start(NAME, world.invite(), SignInOptions()).authorize_url)
    assert (url.netloc, url.path) == ("login.example.com", "/example.com/oauth2/v2.0/authorize")


def test_a_query_of_the_address_is_kept(world: World) -> None:
    """RFC 6749, section 3.1: the endpoint may have one, such as the policy of Azure AD B2C."""
    credential = Credential.parse(world.store.current_text(NAME))
    entry = builtin("google").with_endpoints("https://id.example.com/authorize?p=policy", "")
    request = AuthorizationRequest(Sensitive("state"), "nonce", "challenge", PUBLIC_URL, SignInOptions())
    url = urlsplit(authorization_url(entry, credential, "read", request))
    query = parse_qs(url.query)
    assert (url.path, query["p"], query["state"]) == ("/authorize", ["policy"], ["state"])


def test_the_authorization_request_has_the_parameters_of_the_flow(world: World) -> None:
    query = authorize_query(world, SignInOptions())
    assert {key: query[key] for key in ("client_id", "response_mode", "redirect_uri", "scope", "prompt")} == {
        "client_id": "client-of-the-operator",
        "response_mode": "query",
        "redirect_uri": f"{PUBLIC_URL}/callback",
        "scope": "openid profile https://ads.microsoft.com/msads.manage offline_access",
        "prompt": "select_account",
    }


def test_the_first_sign_in_has_no_hint(world: World) -> None:
    assert "login_hint" not in authorize_query(world, SignInOptions())


def test_microsoft_proposes_the_account_that_consented_last(world: World) -> None:
    world.consenting()()
    assert authorize_query(world, SignInOptions())["login_hint"] == OWNER.username


def test_a_page_may_propose_nobody(world: World) -> None:
    """An account that was refused must not be proposed again."""
    world.consenting()()
    assert "login_hint" not in authorize_query(world, SignInOptions(login_hint=""))


def test_a_page_may_propose_another_account(world: World) -> None:
    world.consenting()()
    assert authorize_query(world, SignInOptions(login_hint=DEPUTY.username))["login_hint"] == DEPUTY.username


@pytest.mark.parametrize(
    ("wish", "prompt"),
    [
        pytest.param("consent", "consent", id="consent is passed on"),
        pytest.param("none", "select_account", id="any other value becomes select_account"),
    ],
)
def test_the_prompt_is_one_that_the_pages_use(world: World, wish: str, prompt: str) -> None:
    assert authorize_query(world, SignInOptions(prompt=wish))["prompt"] == prompt


# --- What the next sign-in has to prove after a refusal ---------------------------------------------------------------


@pytest.fixture
def challenged() -> World:
    """Return a world with a refused refresh: Microsoft requires a second factor."""
    world = World()
    world.manage()
    world.authority.failures.append(CHALLENGE)
    world.refresh()
    return world


def test_a_sign_in_that_has_nothing_to_prove_has_no_claims(world: World) -> None:
    assert "claims" not in authorize_query(world, SignInOptions())


def test_the_next_sign_in_proves_what_a_refused_refresh_requires(challenged: World) -> None:
    assert authorize_query(challenged, SignInOptions())["claims"] == CLAIMS


def test_the_next_sign_in_proves_what_a_refused_sign_in_requires(world: World) -> None:
    back = world.go_and_return()
    world.authority.failures.append(CHALLENGE)
    assert world.complete(back).ending is ConsentOutcome.REFUSED_BY_PROVIDER
    assert authorize_query(world, SignInOptions())["claims"] == CLAIMS


def test_a_refusal_without_claims_keeps_the_claims_of_before(challenged: World) -> None:
    back = challenged.go_and_return()
    challenged.authority.failures.append(refused(50173))
    challenged.complete(back)
    assert authorize_query(challenged, SignInOptions())["claims"] == CLAIMS


def test_a_consent_clears_the_claims(challenged: World) -> None:
    challenged.consenting()()
    assert "claims" not in authorize_query(challenged, SignInOptions())


def test_a_refresh_that_succeeds_clears_the_claims(challenged: World) -> None:
    """An administrator may have withdrawn the requirement."""
    challenged.edit(note="an edit that makes it due")
    challenged.refresh()
    assert challenged.entry().claims == ""


def test_a_person_can_sign_in_while_the_registry_is_down(challenged: World) -> None:
    down(challenged, "registry.get")
    assert "claims" not in authorize_query(challenged, SignInOptions())


def test_a_challenge_that_cannot_be_stored_does_not_change_the_page(world: World) -> None:
    back = world.go_and_return()
    world.authority.failures.append(CHALLENGE)
    world.calls.at("after", "authority.redeem", lambda: down(world, "registry.save"))
    assert world.complete(back).ending is ConsentOutcome.REFUSED_BY_PROVIDER


def test_a_credential_that_no_tick_has_discovered_has_nothing_to_prove(world: World) -> None:
    world.registry.entries.clear()
    assert "claims" not in authorize_query(world, SignInOptions())
