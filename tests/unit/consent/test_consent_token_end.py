"""The end of a refresh token is stored with it, whatever happens to the function or to AWS in between."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.world import NAME, World
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.providers.catalogue.builtin import builtin

YEAR = timedelta(days=365)


@pytest.fixture
def world() -> World:
    """Return a world of Atlassian, with a credential whose sign-in ends soon."""
    world = World(entry=builtin("atlassian"))
    world.manage(consented_at=to_rfc3339(world.clock() - YEAR + timedelta(days=3)))
    return world


def killed(moment: str, call: str) -> Callable[[World], None]:
    def plan(world: World) -> None:
        world.calls.at("before" if moment == "before" else "after", call, kill)

    return plan


def store_down(world: World) -> None:
    def refuse() -> None:
        world.calls.at("before", "store.put_pending", refuse)
        raise ServiceUnavailableError("secretsmanager", "InternalServiceError")

    world.calls.at("before", "store.put_pending", refuse)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(lambda _: None, id="nothing happens"),
        pytest.param(killed("after", "store.put_pending"), id="the function dies before the promotion"),
        pytest.param(killed("after", "store.promote"), id="the function dies after the promotion"),
        pytest.param(store_down, id="the grant waits in escrow"),
    ],
)
def test_the_end_of_a_new_sign_in_is_stored_with_its_token(world: World, trouble: Callable[[World], None]) -> None:
    redirect = world.go_and_return()
    ends_at = world.clock() + YEAR
    trouble(world)
    with suppress(KilledError):
        world.complete(redirect)
    world.calls.forget()
    world.clock.advance(timedelta(minutes=10))
    world.refresh(escrowed=bool(world.escrow.kept))
    current = world.current(NAME)
    assert current.refresh_token is not None
    assert current.refresh_token.reveal() in world.authority.consents
    assert current.refresh_token_expires_at is not None
    assert abs(current.refresh_token_expires_at - ends_at) < timedelta(minutes=1)


def test_a_consent_at_a_provider_whose_tokens_have_no_end_removes_the_end_of_the_token_before() -> None:
    world = World()
    world.manage(refresh_token_expires_at=to_rfc3339(world.clock() + timedelta(days=90)))
    world.complete(world.go_and_return())
    assert "refresh_token_expires_at" not in world.store.current_text(NAME)
