"""A person has signed in, or a credential works again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from tests.fakes.failures import REVOKED
from tests.fakes.world import World
from token_refresher.alerts.alert import Alert
from token_refresher.credential.account import AccountAccess
from token_refresher.credential.status import Status
from tools.alerts.account import refused_for_its_account
from tools.alerts.play import CLIENT_ID, a_world, attempt, last
from tools.alerts.situation import EVERYBODY, Situation


def connected() -> Alert:
    """A person signs in for the first time."""
    world = World.waiting()
    world.consenting()()
    return last(world)


def connected_with_a_caveat(answer: AccountAccess, status: str = "Active") -> Callable[[], Alert]:
    """Return the play of a first sign-in that Microsoft Advertising answers like this."""

    def play() -> Alert:
        world = World.waiting()
        world.ads_api.answer, world.ads_api.status = answer, status
        world.consenting()()
        return last(world)

    return play


def connected_while_paused() -> Alert:
    """A person signs in for a credential that the operator has paused."""
    world = World.waiting()
    world.set_entry(status=Status.PAUSED, next_action_at=None)
    world.consenting()()
    return last(world)


def connected_with_a_wrong_developer_token() -> Alert:
    """A person signs in again after the operator was notified that the developer token is not accepted."""
    world = refused_for_its_account(105)
    world.clock.advance(timedelta(hours=2))
    world.consenting()()
    return last(world)


def reconnected() -> Alert:
    """A person signs in again, six hours after the message that asked for it."""
    world = a_world()
    attempt(world, REVOKED)
    world.clock.advance(timedelta(hours=6))
    world.consenting()()
    return last(world)


def recovered() -> Alert:
    """An operator corrects the secret, and the next attempt works."""
    world = a_world()
    world.edit(client_id=None)
    attempt(world)
    world.clock.advance(timedelta(hours=1))
    world.edit(client_id=CLIENT_ID)
    world.refresh()
    return last(world)


GOOD_NEWS: Final = (
    Situation("connected", "A person has signed in for the first time", EVERYBODY, connected),
    Situation(
        "connected-unverified",
        "A person has signed in, and it is not known whether they reach the account",
        EVERYBODY,
        connected_with_a_caveat(AccountAccess.UNVERIFIED),
    ),
    Situation(
        "connected-developer-token-refused",
        "A person has signed in while the developer token is not accepted",
        EVERYBODY,
        connected_with_a_wrong_developer_token,
    ),
    Situation(
        "connected-suspended",
        "A person has signed in, and the account is suspended",
        EVERYBODY,
        connected_with_a_caveat(AccountAccess.REACHABLE, "Suspended"),
    ),
    Situation(
        "connected-paused",
        "A person has signed in while the credential is paused",
        EVERYBODY,
        connected_while_paused,
    ),
    Situation("reconnected", "A person has signed in again", EVERYBODY, reconnected),
    Situation("recovered", "One credential works again", EVERYBODY, recovered),
)
