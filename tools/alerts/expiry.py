"""A client secret or a sign-in is about to end, or Microsoft does not replace a refresh token."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from tests.fakes.keys import certificate, rsa_key
from tests.fakes.kind import Kind
from tests.fakes.world import NAME
from token_refresher.alerts.alert import Alert
from token_refresher.base.clock import to_rfc3339
from token_refresher.providers.catalogue.builtin import builtin
from tools.alerts.play import a_world, attempt, last
from tools.alerts.situation import OPERATOR, USER, Situation


def secret_expires(days: int, *names: str) -> Callable[[], Alert]:
    """Return the play of a client secret that expires in so many days."""

    def play() -> Alert:
        world = a_world(*names)
        for name in names or (NAME,):
            world.edit(name, client_secret_expires_at=to_rfc3339(world.clock() + timedelta(days=days)))
        attempt(world, name=(names or (NAME,))[0])
        return last(world)

    return play


def refresh_token_old(age: timedelta) -> Callable[[], Alert]:
    """Return the play of a refresh token that Microsoft has not replaced for so long."""

    def play() -> Alert:
        world = a_world(kind=Kind.NONE)
        world.edit(refresh_token_issued_at=to_rfc3339(world.clock() - age))
        attempt(world)
        return last(world)

    return play


def certificate_expires(days: int) -> Callable[[], Alert]:
    """Return the play of a certificate that expires in so many days."""

    def play() -> Alert:
        world = a_world()
        world.edit(certificate=certificate(rsa_key(), world.clock() + timedelta(days=days)))
        attempt(world)
        return last(world)

    return play


def sign_in_ends(provider: str, days: int) -> Callable[[], Alert]:
    """Return the play of a sign-in that ends in so many days, however often it is renewed."""

    def play() -> Alert:
        world = a_world()
        world.provider_entry = builtin(provider)
        world.edit(refresh_token_expires_at=to_rfc3339(world.clock() + timedelta(days=days)))
        attempt(world)
        return last(world)

    return play


EXPIRY: Final = (
    Situation(
        "client-secret-30-days",
        "A client secret expires in 30 days",
        f"{OPERATOR} Sent 30, 14, 7 days and 1 day before, once for the application.",
        secret_expires(30, "search-ads", "shopping-ads", "video-ads"),
    ),
    Situation(
        "client-secret-1-day",
        "A client secret expires in a day",
        f"{OPERATOR} The last of these warnings.",
        secret_expires(1),
    ),
    Situation(
        "certificate-30-days",
        "A certificate expires in 30 days",
        f"{OPERATOR} Sent 30, 14, 7 days and 1 day before, once for the application.",
        certificate_expires(30),
    ),
    Situation(
        "refresh-token-1-day",
        "Microsoft sends no new refresh token",
        f"{OPERATOR} Sent once after a day.",
        refresh_token_old(timedelta(hours=25)),
    ),
    Situation(
        "refresh-token-60-days",
        "Microsoft has sent no new refresh token for 60 days",
        f"{OPERATOR} Sent after 30, 60 and 80 days.",
        refresh_token_old(timedelta(days=60, hours=1)),
    ),
    Situation(
        "sign-in-ends-30-days",
        "A sign-in ends in 30 days, however often it is renewed",
        f"{USER} Sent 30, 14, 7 days and 1 day before.",
        sign_in_ends("linkedin", 30),
    ),
    Situation(
        "sign-in-ends-1-day",
        "A sign-in ends in a day, however often it is renewed",
        f"{USER} The last of these warnings.",
        sign_in_ends("atlassian", 1),
    ),
)
