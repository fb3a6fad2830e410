"""Microsoft or AWS fails for a while, then for long, and works again."""

from contextlib import suppress
from datetime import timedelta
from typing import Any, Final, NoReturn

from tests.fakes import failures
from tests.fakes.failures import unavailable
from tests.fakes.outages import down
from tests.fakes.world import NAME, TIMING, World
from token_refresher.alerts.alert import Alert
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.registry.open_alert import Event
from tools.alerts.play import CLIENT_ID, a_world, attempt, last, refused_until, steps
from tools.alerts.situation import EVERYBODY, OPERATOR, Situation

_SEVERAL = 3
"""How many credentials must have failed before one message is about all of them."""


def tokens_kept() -> Alert:
    """Secrets Manager takes no new tokens, a few minutes before the old ones end."""
    world = a_world(age=timedelta(minutes=55))
    # A failure that may pass would be tried again, after random pauses.
    down(world, "store.put_pending", passing=False)
    world.refresh()
    return last(world)


def aws_down() -> Alert:
    """Secrets Manager takes no new tokens for hours."""
    world = a_world()

    def hang() -> NoReturn:
        # It hangs for so long that the same attempt does not call again, after random pauses.
        world.calls.at("before", "store.put_pending", hang)
        world.clock.advance(TIMING.longest_run)
        raise ServiceUnavailableError("secretsmanager.PutSecretValue", "InternalServiceError")

    world.calls.at("before", "store.put_pending", hang)
    for _ in steps():
        with suppress(ServiceUnavailableError):
            world.refresh()
        if Event.OPERATOR_ACTION_REQUIRED in world.topic.events:
            break
        world.clock.advance(TIMING.schedule_period)
    return last(world)


def never_reached() -> Alert:
    """A refresh token is imported, and the functions do not reach Microsoft."""
    world = World()
    unknown: dict[str, Any] = dict.fromkeys(
        ("access_token", "expires_at", "refreshed_at", "refresh_token_issued_at", "granted_scope")
    )
    token = world.authority.open_family()
    world.store.create(NAME, world.document(client_id=CLIENT_ID, refresh_token=token, **unknown))
    world.discover()
    for _ in steps():
        attempt(world, ProviderFailure(FailureKind.NOT_SENT, reason=Reason.NAME_NOT_RESOLVED))
        if world.topic.alerts:
            break
    return last(world)


def microsoft_down() -> Alert:
    """Microsoft's sign-in service fails for all credentials."""
    return _outage().topic.alerts[0]


def microsoft_down_for_long() -> Alert:
    """Microsoft's sign-in service goes on failing for all credentials."""
    world = _outage()
    for _ in steps():
        world.clock.advance(TIMING.schedule_period)
        _refused_for_all(world)
        if Event.OPERATOR_ACTION_REQUIRED in world.topic.events:
            break
    return last(world)


def all_recovered() -> Alert:
    """Microsoft works again, and one credential after the other is refreshed."""
    world = _outage()
    for _ in steps():
        world.clock.advance(TIMING.schedule_period)
        for name in world.registry.entries:
            world.refresh(name)
        if world.topic.events[-1] is Event.RECOVERED:
            break
    return last(world)


def _outage() -> World:
    """Return a world in which Microsoft has been down until people were notified."""
    world = a_world(*(f"search-ads-{number:02}" for number in range(1, 9)))
    for _ in steps():
        _refused_for_all(world)
        if len([entry for entry in world.registry.entries.values() if entry.alert]) >= _SEVERAL:
            break
        world.clock.advance(TIMING.schedule_period)
    return world


def _refused_for_all(world: World) -> None:
    for name in sorted(world.registry.entries):
        world.authority.failures.append(unavailable(503))
        world.refresh(name)
        world.authority.failures.clear()


OUTAGES: Final = (
    Situation(
        "unknown-for-long",
        "Microsoft refuses with a code that nobody knows",
        f"{OPERATOR} Sent once pipelines have had no token, and an hour of it has not helped.",
        refused_until(Event.OPERATOR_ACTION_REQUIRED, failures.refused(999999, "something_new")),
    ),
    Situation(
        "at-risk",
        "One credential cannot be renewed for a while",
        f"{OPERATOR} Nobody has to act. Sent once, when the access may end before the failure passes.",
        refused_until(Event.REFRESH_AT_RISK, unavailable(429, retry_after=timedelta(minutes=10))),
    ),
    Situation(
        "at-risk-tokens-kept",
        "AWS does not store the new tokens",
        f"{OPERATOR} Nobody has to act. Sent once, when the access may end before the failure passes.",
        tokens_kept,
    ),
    Situation(
        "at-risk-microsoft-down",
        "Microsoft's sign-in service is down",
        f"{OPERATOR} Nobody has to act. Sent once, however many it stops, when the first access is about to end.",
        microsoft_down,
    ),
    Situation(
        "lasting",
        "One credential could not be renewed for an hour, and pipelines have no token",
        f"{OPERATOR} Sent once, and with each reminder. Attempts go on.",
        refused_until(Event.OPERATOR_ACTION_REQUIRED, failures.refused(50196)),
    ),
    Situation(
        "lasting-never-reached",
        "A refresh token was imported, and Microsoft was never reached",
        f"{OPERATOR} Sent after an hour, and with each reminder. Attempts go on.",
        never_reached,
    ),
    Situation(
        "lasting-microsoft-down",
        "Microsoft's sign-in service fails for more than an hour",
        f"{OPERATOR} Sent once for all that it stops, and with each reminder. Attempts go on.",
        microsoft_down_for_long,
    ),
    Situation(
        "lasting-aws",
        "AWS does not store new tokens for more than an hour",
        f"{OPERATOR} Sent once for all that it stops, and with each reminder. Attempts go on.",
        aws_down,
    ),
    Situation("recovered-after-outage", "Several credentials work again", EVERYBODY, all_recovered),
)
