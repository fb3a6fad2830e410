"""How the messages come about: played by the real use cases, on a clock that moves only when it is told to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from tests.fakes.failures import REVOKED, SECRET_EXPIRED, unavailable
from tests.fakes.fake_ads_api import ads_refusal
from tests.fakes.fake_authority import OWNER, Kind
from tests.fakes.outages import down
from tests.fakes.world import NAME, TIMING, World
from token_refresher.account import AccountAccess
from token_refresher.alert import Alert, Event
from token_refresher.clock import to_rfc3339
from token_refresher.diagnosis import Actor
from token_refresher.failure import ProviderFailure
from token_refresher.status import Status
from token_refresher.version_budget import VERSIONS_AT_ONCE

CLIENT_ID: Final = "00000000-0000-4000-8000-00000000000a"
_ENOUGH: Final = 200
"""No situation needs as many looks; one that does never comes about."""


def a_world(*names: str, kind: Kind = Kind.MICROSOFT, age: timedelta = timedelta(minutes=45)) -> World:
    """Return a world with credentials of one application, to which somebody has consented."""
    world = World(kind)
    for name in names or (NAME,):
        world.manage(name, age=age, client_id=CLIENT_ID, identity=_identity(world))
    return world


def _identity(world: World) -> dict[str, str]:
    return {
        "username": OWNER.username,
        "tenant_id": OWNER.tenant_id,
        "object_id": OWNER.object_id,
        "consented_at": to_rfc3339(world.clock() - timedelta(days=40)),
    }


def look(world: World, failure: ProviderFailure | None = None, name: str = NAME) -> None:
    """Let the time of a credential come, and look at it; all that Microsoft is asked for then fails like this."""
    due = world.entry(name).next_action_at
    world.clock.now = max(world.clock.now, due or world.clock.now)
    world.authority.failures.extend([failure] * 10 if failure else [])
    world.refresh(name)
    world.authority.failures.clear()


def refusal(failure: ProviderFailure, *, looks: int = 1, **fields: str) -> Callable[[], Alert]:
    """Return the last message of so many looks that Microsoft refuses."""

    def play() -> Alert:
        world = a_world()
        if fields:
            world.edit(**fields)
        for _ in range(looks):
            look(world, failure)
        return world.topic.alerts[-1]

    return play


def until_told(failure: ProviderFailure, event: Event) -> Callable[[], Alert]:
    """Return the first message of an event, after as many looks as it takes."""

    def play() -> Alert:
        world = a_world()
        for _ in range(_ENOUGH):
            look(world, failure)
            if event in world.topic.events:
                return world.topic.alerts[-1]
        raise AssertionError("nobody was told")

    return play


def first_consent() -> Alert:
    """A secret appears that nobody has signed in for."""
    world = World()
    world.store.create(NAME, world.document(client_id=CLIENT_ID))
    world.edit(access_token=None, expires_at=None, refreshed_at=None, refresh_token_issued_at=None)
    world.dispatcher.tick()
    world.refresh()
    return world.topic.alerts[-1]


def revoked_after_the_end() -> Alert:
    """A sign-in turns out to be revoked only when the access has ended."""
    world = a_world(age=timedelta(minutes=90))
    look(world, REVOKED)
    return world.topic.alerts[-1]


def shared_secret_expired(count: int, *, reminded: bool = False) -> Callable[[], Alert]:
    """Return the message about the client secret of so many credentials."""

    def play() -> Alert:
        names = [f"search-ads-{number:02}" for number in range(1, count + 1)]
        world = a_world(*names)
        for _ in range(2 if reminded else 1):
            for name in names:
                look(world, SECRET_EXPIRED, name)
        assert len(world.topic.alerts) == (2 if reminded else 1)
        return world.topic.alerts[-1]

    return play


def met_at_a_sign_in(failure: ProviderFailure, *names: str) -> Callable[[], Alert]:
    """Return the message where somebody signs in for a credential that works, and Microsoft refuses its application."""

    def play() -> Alert:
        world = a_world(*(names or (NAME,)), age=timedelta(minutes=10))
        world.authority.failures.append(failure)
        world.consenting()()
        return world.topic.alerts[-1]

    return play


def account_not_reached(code: int) -> Callable[[], Alert]:
    """Return the message of a refresh after a consent that could not be verified, where the API says this then."""

    def play() -> Alert:
        return _unverified(code).topic.alerts[-1]

    return play


def account_reached() -> Alert:
    """Somebody is given access to the account, and the next refresh finds that out."""
    world = _unverified(106)
    world.clock.advance(timedelta(hours=2))
    world.ads_api.answer = AccountAccess.REACHABLE
    look(world)
    return world.topic.alerts[-1]


def _unverified(code: int) -> World:
    """Return a world with a consent that was not verified, and a refresh after it."""
    world = World.waiting()
    world.edit(client_id=CLIENT_ID)
    world.ads_api.answer = AccountAccess.UNVERIFIED
    world.consenting()()
    why = ads_refusal(code)
    world.ads_api.answer = AccountAccess.REFUSED if why.actor is Actor.USER else AccountAccess.UNVERIFIED
    world.ads_api.why = why
    look(world)
    return world


def malformed() -> Alert:
    """Somebody edits the secret, and leaves a key out."""
    world = a_world()
    world.edit(client_id=None)
    look(world)
    return world.topic.alerts[-1]


def unreadable() -> Alert:
    """A secret appears that is no JSON."""
    world = World()
    world.store.create(NAME, "client-id: to be filled in")
    world.dispatcher.tick()
    world.refresh()
    return world.topic.alerts[-1]


def a_storm() -> Alert:
    """Something writes to the secret again and again."""
    world = a_world()
    for _ in range(2 * VERSIONS_AT_ONCE):
        world.edit(refreshed_at="2026-01-01T00:00:00Z", expires_at="2026-01-31T09:30:00Z")
        world.refresh()
        world.clock.advance(TIMING.lease)
    return world.topic.alerts[-1]


def kept() -> Alert:
    """Secrets Manager takes no new tokens, a few minutes before the old ones end."""
    world = a_world(age=timedelta(minutes=55))
    down(world, "store.put_pending", passing=False)  # What may pass is tried again, for as long as chance decides.
    world.refresh()
    return world.topic.alerts[-1]


def _outage() -> World:
    """Return a world in which Microsoft has been down until people were told."""
    names = [f"search-ads-{number:02}" for number in range(1, 9)]
    world = a_world(*names)
    for _ in range(_ENOUGH):
        for name in names:
            world.authority.failures.append(unavailable(503))
            world.refresh(name)
            world.authority.failures.clear()
        if len([name for name in names if world.entry(name).alert]) >= 3:
            return world
        world.clock.advance(TIMING.schedule_period)
    raise AssertionError("nobody was told")


def authority_down() -> Alert:
    """Microsoft's sign-in service fails for everybody."""
    return _outage().topic.alerts[0]


def all_recovered() -> Alert:
    """It works again, and one credential after the other is refreshed."""
    world = _outage()
    for _ in range(_ENOUGH):
        world.clock.advance(TIMING.schedule_period)
        for name in world.registry.entries:
            world.refresh(name)
        if world.topic.events[-1] is Event.RECOVERED:
            return world.topic.alerts[-1]
    raise AssertionError("nobody was told")


def secret_expires(days: int, *names: str) -> Callable[[], Alert]:
    """Return the warning of a client secret that lasts for so many days."""

    def play() -> Alert:
        world = a_world(*names)
        for name in names or (NAME,):
            world.edit(name, client_secret_expires_at=to_rfc3339(world.clock() + timedelta(days=days)))
        look(world, name=(names or (NAME,))[0])
        return world.topic.alerts[-1]

    return play


def refresh_token_old(age: timedelta) -> Callable[[], Alert]:
    """Return the warning of a refresh token that Microsoft has not replaced for so long."""

    def play() -> Alert:
        world = a_world(kind=Kind.NONE)
        world.edit(refresh_token_issued_at=to_rfc3339(world.clock() - age))
        look(world)
        return world.topic.alerts[-1]

    return play


def connected() -> Alert:
    """Somebody signs in for the first time."""
    world = World.waiting()
    world.consenting()()
    return world.topic.alerts[-1]


def connected_with_a_reservation(answer: AccountAccess, status: str = "Active") -> Callable[[], Alert]:
    """Return the message of a first sign-in of which Microsoft Advertising says this."""

    def play() -> Alert:
        world = World.waiting()
        world.ads_api.answer, world.ads_api.status = answer, status
        world.consenting()()
        return world.topic.alerts[-1]

    return play


def connected_while_paused() -> Alert:
    """Somebody signs in for a credential that the operator has paused."""
    world = World.waiting()
    world.set_entry(status=Status.PAUSED, next_action_at=None)
    world.consenting()()
    return world.topic.alerts[-1]


def connected_with_a_wrong_developer_token() -> Alert:
    """Somebody signs in again after the operator was told that the developer token is not accepted."""
    world = _unverified(105)
    world.clock.advance(timedelta(hours=2))
    world.consenting()()
    return world.topic.alerts[-1]


def reconnected() -> Alert:
    """Somebody signs in again, six hours after they were asked to."""
    world = a_world()
    look(world, REVOKED)
    world.clock.advance(timedelta(hours=6))
    world.consenting()()
    return world.topic.alerts[-1]


def recovered() -> Alert:
    """An operator corrects the secret, and the next look is good."""
    world = a_world()
    world.edit(client_id=None)
    look(world)
    world.clock.advance(timedelta(hours=1))
    world.edit(client_id=CLIENT_ID)
    world.refresh()
    return world.topic.alerts[-1]
