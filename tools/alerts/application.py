"""Microsoft refuses the application of one credential, or of several."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from tests.fakes import failures
from tests.fakes.failures import SECRET_EXPIRED
from tests.fakes.world import NAME
from token_refresher.alerts.alert import Alert
from token_refresher.base.failure import ProviderFailure
from tools.alerts.play import a_world, attempt, last, refused
from tools.alerts.situation import OPERATOR, Situation


def shared_secret_expired(count: int, *, reminded: bool = False) -> Callable[[], Alert]:
    """Return the play of a client secret that expires for so many credentials."""

    def play() -> Alert:
        names = [f"search-ads-{number:02}" for number in range(1, count + 1)]
        world = a_world(*names)
        for _ in range(2 if reminded else 1):
            for name in names:
                attempt(world, SECRET_EXPIRED, name)
        *before, message = world.topic.alerts
        if len(before) != int(reminded):
            raise AssertionError("the number of messages is wrong")
        return message

    return play


def refused_at_a_sign_in(failure: ProviderFailure, *names: str) -> Callable[[], Alert]:
    """Return the play of a sign-in for a credential that works, whose application Microsoft refuses."""

    def play() -> Alert:
        world = a_world(*(names or (NAME,)), age=timedelta(minutes=10))
        world.authority.failures.append(failure)
        world.consenting()()
        return last(world)

    return play


APPLICATION: Final = (
    Situation(
        "secret-expired-one",
        "The client secret of one credential has expired",
        f"{OPERATOR} Sent at the first refusal.",
        refused(SECRET_EXPIRED),
    ),
    Situation(
        "secret-expired-several",
        "The client secret of several credentials has expired",
        f"{OPERATOR} Sent once for the application, when the first credential is refused.",
        shared_secret_expired(3),
    ),
    Situation(
        "secret-expired-many",
        "The client secret of many credentials is still expired a day later",
        f"{OPERATOR} Sent once for the application, as a reminder.",
        shared_secret_expired(30, reminded=True),
    ),
    Situation(
        "secret-expired-at-a-sign-in",
        "A person signs in for a credential that works, and its client secret has expired",
        f"{OPERATOR} Sent at that sign-in, when nothing has stopped yet.",
        refused_at_a_sign_in(SECRET_EXPIRED),
    ),
    Situation(
        "secret-expired-at-a-sign-in-several",
        "A person signs in for one of several credentials that work, and their client secret has expired",
        f"{OPERATOR} Sent once for the application, at that sign-in, when nothing has stopped yet.",
        refused_at_a_sign_in(SECRET_EXPIRED, "search-ads", "shopping-ads", "video-ads"),
    ),
    Situation(
        "redirect-uri",
        "The redirect URI is not registered",
        f"{OPERATOR} Sent at a sign-in. Refreshes go on.",
        refused_at_a_sign_in(failures.refused(50011, "invalid_client"), "search-ads", "shopping-ads"),
    ),
    Situation(
        "secret-id-instead-of-value",
        "The secret holds the ID of the client secret and not its value",
        f"{OPERATOR} Sent at the first refusal.",
        refused(failures.refused(7000215, "invalid_client")),
    ),
    Situation(
        "public-client",
        "A public client sends a client secret",
        f"{OPERATOR} Sent at the first refusal.",
        refused(failures.refused(90023, "invalid_request")),
    ),
)
