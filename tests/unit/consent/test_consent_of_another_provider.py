"""A consent at a provider that names nobody, or names people in its own way."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.acme import ACME
from tests.fakes.fake_authority import DEPUTY, OWNER
from tests.fakes.outages import down
from tests.fakes.world import AUTHORITY_URL, NAME, World
from token_refresher.consent.result import ConsentEndedError, ConsentOutcome
from token_refresher.credential.status import Status
from token_refresher.providers.authorization import SignInOptions
from token_refresher.providers.catalogue.builtin import builtin
from token_refresher.providers.catalogue.entry import IdentityFacts, ScopeFacts
from token_refresher.registry.issuer import Issuer

NAMES_NOBODY = replace(
    builtin("oauth2").with_endpoints("https://id.example.com/authorize", "https://id.example.com/token"),
    name="acme",
    words=ACME,
)
NAMES_PEOPLE = replace(
    NAMES_NOBODY,
    identity=IdentityFacts(is_id_token=True, subject=("oid",), username="preferred_username"),
    scope=ScopeFacts(identity="openid email"),
)


@pytest.fixture(params=[NAMES_NOBODY, NAMES_PEOPLE], ids=["names nobody", "names people"])
def world(request: pytest.FixtureRequest) -> World:
    world = World(entry=request.param)
    world.store.create(NAME, json.dumps({"client_id": "app-1", "provider": "acme", "scope": "ads"}))
    world.dispatcher.tick()
    world.refresh()
    world.topic.alerts.clear()
    return world


def connect(world: World, **sign_in: Any) -> ConsentOutcome:
    return world.complete(world.go_and_return(scope="ads", **sign_in)).ending


def test_a_consent_is_stored_with_its_time_and_its_person_if_there_is_one(world: World) -> None:
    assert connect(world) is ConsentOutcome.CONNECTED
    document = json.loads(world.store.current_text(NAME))
    identity = world.current().identity
    assert identity is not None
    if world.provider_entry is NAMES_NOBODY:
        assert not identity.is_known
        assert "identity" not in document
    else:
        assert document["identity"]["subject"] == identity.person == OWNER.object_id
        assert not document["identity"].keys() & {"tenant_id", "object_id"}
    assert document["consented_at"] == world.current().consent_generation
    assert world.entry().status is Status.HEALTHY


def test_a_link_works_once(world: World) -> None:
    invite = world.invite()
    assert world.complete(world.go_and_return(invite=invite, scope="ads")).ending is ConsentOutcome.CONNECTED
    with pytest.raises(ConsentEndedError) as caught:
        world.consent.start(NAME, invite, SignInOptions())
    assert caught.value.result.ending is ConsentOutcome.ALREADY_DONE


def test_two_consents_have_two_generations_also_within_a_second(world: World) -> None:
    connect(world)
    first = world.current().consent_generation
    connect(world)
    assert world.current().consent_generation > first


def test_only_a_provider_that_names_people_makes_the_page_ask_about_another_one(world: World) -> None:
    connect(world)
    expected = ConsentOutcome.CONNECTED if world.provider_entry is NAMES_NOBODY else ConsentOutcome.OTHER_PERSON
    assert connect(world, person=DEPUTY) is expected


def test_refreshes_go_on_as_at_microsofts(world: World) -> None:
    connect(world)
    for _ in range(3):
        world.clock.advance(world.current().expires_at - world.clock())  # type: ignore[operator] # It has one.
        world.refresh()
        assert world.current_refresh_token() == world.authority.newest
    assert world.entry().issuer == Issuer("acme", AUTHORITY_URL, ACME)


def test_a_consent_that_could_not_be_stored_is_recovered_with_its_time(world: World) -> None:
    """The escrow and the recovery know a consent by its identity, also if nobody is known."""
    arriving = world.go_and_return(scope="ads")
    down(world, "store.put_pending")
    assert world.complete(arriving).ending is ConsentOutcome.CONNECTED_SOON
    world.calls.forget()
    world.attempt_all()
    current = world.current()
    assert world.current_refresh_token() == world.authority.newest
    assert current.identity is not None
    assert current.identity.is_known is (world.provider_entry is NAMES_PEOPLE)
    assert current.consent_generation
