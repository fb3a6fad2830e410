"""A few of the same messages about credentials of another provider than Microsoft."""

from typing import Any, Final

from tests.fakes.failures import unavailable
from tests.fakes.kind import Kind
from tests.fakes.world import NAME, World
from token_refresher.alerts.alert import Alert
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.providers.catalogue.builtin import builtin
from token_refresher.registry.open_alert import Event
from tools.alerts.play import a_world, attempt, last, steps
from tools.alerts.situation import OPERATOR, USER, Situation


def _world(*names: str) -> World:
    return a_world(*names, kind=Kind.NONE, provider=builtin("google"))


def _refused(error: str) -> Alert:
    world = _world()
    attempt(world, ProviderFailure(FailureKind.REFUSED, 400, error))
    return last(world)


def first_consent() -> Alert:
    """A secret appears for which nobody has signed in."""
    world = _world()
    unknown: dict[str, Any] = dict.fromkeys(
        ("access_token", "expires_at", "refreshed_at", "refresh_token", "refresh_token_issued_at")
    )
    world.store.create("analytics", world.document(**unknown))
    world.dispatcher.tick()
    world.refresh("analytics")
    return last(world)


def grant_ended() -> Alert:
    """The user has withdrawn the access."""
    return _refused("invalid_grant")


def client_refused() -> Alert:
    """Google does not accept the client secret."""
    return _refused("invalid_client")


def lasting() -> Alert:
    """Google's sign-in service goes on failing for a credential."""
    world = _world()
    for _ in steps():
        attempt(world, unavailable(503), NAME)
        if Event.OPERATOR_ACTION_REQUIRED in world.topic.events:
            break
    return last(world)


GOOGLE: Final = (
    Situation(
        "google-first-consent",
        "Google: a new credential waits for its first sign-in",
        f"{USER} Sent when the secret is discovered.",
        first_consent,
    ),
    Situation("google-grant-ended", "Google: the sign-in has ended", f"{USER} Sent at the first refusal.", grant_ended),
    Situation(
        "google-client-refused",
        "Google: the application is refused",
        f"{OPERATOR} Sent at the first refusal, once for the application.",
        client_refused,
    ),
    Situation(
        "google-lasting",
        "Google: the sign-in service fails for more than an hour",
        f"{OPERATOR} Sent after an hour, and with each reminder. Attempts go on.",
        lasting,
    ),
)
