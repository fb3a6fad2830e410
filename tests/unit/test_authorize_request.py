"""Where the browser is sent, and with what."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.fakes.failures import refused
from tests.fakes.fake_authority import DEPUTY, OWNER
from tests.fakes.outages import down
from tests.fakes.world import NAME, PUBLIC_URL, World
from token_refresher.authorize_request import Wish
from token_refresher.consent_result import Ending

CLAIMS = '{"access_token":{"capolids":{"essential":true,"values":["00000000-0000-4000-8000-00000000000a"]}}}'
CHALLENGE = replace(refused(50076, "interaction_required"), claims=CLAIMS)


@pytest.fixture
def world() -> World:
    return World.waiting()


def authorize_query(world: World, wish: Wish) -> dict[str, str]:
    url = world.consent.start(NAME, world.invite(), wish).authorize_url
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def test_the_browser_is_sent_to_the_tenant_of_the_credential(world: World) -> None:
    world.edit(tenant="example.com")
    url = urlsplit(world.consent.start(NAME, world.invite(), Wish()).authorize_url)
    assert (url.netloc, url.path) == ("login.example.com", "/example.com/oauth2/v2.0/authorize")


def test_the_browser_is_sent_with_what_the_flow_needs(world: World) -> None:
    query = authorize_query(world, Wish())
    assert {key: query[key] for key in ("client_id", "response_mode", "redirect_uri", "scope", "prompt")} == {
        "client_id": "client-of-the-operator",
        "response_mode": "query",
        "redirect_uri": f"{PUBLIC_URL}/callback",
        "scope": "openid profile https://ads.microsoft.com/msads.manage offline_access",
        "prompt": "select_account",
    }


def test_the_first_sign_in_has_no_hint(world: World) -> None:
    assert "login_hint" not in authorize_query(world, Wish())


def test_who_consented_last_is_proposed(world: World) -> None:
    world.consenting()()
    assert authorize_query(world, Wish())["login_hint"] == OWNER.username


def test_a_page_may_propose_nobody(world: World) -> None:
    """Who was refused is not to be proposed once more."""
    world.consenting()()
    assert "login_hint" not in authorize_query(world, Wish(login_hint=""))


def test_a_page_may_propose_somebody_else(world: World) -> None:
    world.consenting()()
    assert authorize_query(world, Wish(login_hint=DEPUTY.username))["login_hint"] == DEPUTY.username


@pytest.mark.parametrize(
    ("wish", "prompt"),
    [
        pytest.param("consent", "consent", id="one of ours is passed on"),
        pytest.param("none", "select_account", id="another one is not"),
    ],
)
def test_a_prompt(world: World, wish: str, prompt: str) -> None:
    assert authorize_query(world, Wish(prompt=wish))["prompt"] == prompt


# --- What a refused refresh or sign-in wants to be proved ------------------------------------------------------------


@pytest.fixture
def challenged() -> World:
    """A credential whose refresh was refused: Microsoft wants a second factor."""
    world = World()
    world.manage()
    world.authority.failures.append(CHALLENGE)
    world.refresh()
    return world


def test_a_sign_in_that_has_nothing_to_prove_carries_no_claims(world: World) -> None:
    assert "claims" not in authorize_query(world, Wish())


def test_the_next_sign_in_proves_what_a_refused_refresh_asked_for(challenged: World) -> None:
    assert authorize_query(challenged, Wish())["claims"] == CLAIMS


def test_a_fresh_start_proves_what_a_refused_sign_in_asked_for(world: World) -> None:
    back = world.go_and_return()
    world.authority.failures.append(CHALLENGE)
    assert world.complete(back).ending is Ending.REFUSED_BY_MICROSOFT
    assert authorize_query(world, Wish())["claims"] == CLAIMS


def test_a_refusal_that_asks_for_nothing_takes_nothing_back(challenged: World) -> None:
    back = challenged.go_and_return()
    challenged.authority.failures.append(refused(50173))
    challenged.complete(back)
    assert authorize_query(challenged, Wish())["claims"] == CLAIMS


def test_a_consent_has_proved_what_was_asked_for(challenged: World) -> None:
    challenged.consenting()()
    assert "claims" not in authorize_query(challenged, Wish())


def test_a_refresh_that_works_has_nothing_left_to_prove(challenged: World) -> None:
    """An administrator may have taken the demand back."""
    challenged.edit(note="to be looked at again")
    challenged.refresh()
    assert challenged.entry().claims == ""


def test_a_registry_that_is_down_does_not_stand_between_a_person_and_the_sign_in(challenged: World) -> None:
    down(challenged, "registry.get")
    assert "claims" not in authorize_query(challenged, Wish())


def test_a_challenge_that_cannot_be_recorded_costs_nobody_the_page(world: World) -> None:
    back = world.go_and_return()
    world.authority.failures.append(CHALLENGE)
    world.calls.at("after", "authority.redeem", lambda: down(world, "registry.save"))
    assert world.complete(back).ending is Ending.REFUSED_BY_MICROSOFT


def test_a_credential_that_no_tick_has_seen_has_nothing_to_prove(world: World) -> None:
    world.registry.entries.clear()
    assert "claims" not in authorize_query(world, Wish())
