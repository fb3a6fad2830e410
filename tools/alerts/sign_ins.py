"""A person has to sign in, or an administrator has to allow it."""

from datetime import timedelta
from typing import Final

from tests.fakes import failures
from tests.fakes.failures import AMBIGUOUS, REVOKED
from tests.fakes.world import NAME, World
from token_refresher.alerts.alert import Alert
from token_refresher.registry.open_alert import Event
from tools.alerts.account import account_not_reached
from tools.alerts.play import CLIENT_ID, a_world, attempt, last, refused, refused_until
from tools.alerts.situation import OPERATOR, USER, Situation


def first_consent() -> Alert:
    """A secret appears for which nobody has signed in."""
    world = World()
    world.store.create(NAME, world.document(client_id=CLIENT_ID))
    world.edit(access_token=None, expires_at=None, refreshed_at=None, refresh_token_issued_at=None)
    world.dispatcher.tick()
    world.refresh()
    return last(world)


def refresh_token_removed() -> Alert:
    """An edit removes the refresh token from a document."""
    world = a_world()
    attempt(world)
    world.edit(refresh_token=None)
    world.dispatcher.tick()
    world.refresh()
    return last(world)


def revoked_after_the_end() -> Alert:
    """Microsoft refuses a revoked sign-in only after the access has ended."""
    world = a_world(age=timedelta(minutes=90))
    attempt(world, REVOKED)
    return last(world)


def less_scope() -> Alert:
    """A person withdraws a part of their consent."""
    world = a_world()
    world.authority.granted_scope = "https://ads.microsoft.com/ads.manage"
    attempt(world)
    return last(world)


SIGN_INS: Final = (
    Situation(
        "first-consent",
        "A new credential waits for its first sign-in",
        f"{USER} Sent when the secret is discovered.",
        first_consent,
    ),
    Situation(
        "refresh-token-removed",
        "An edit removed the refresh token from the secret",
        f"{OPERATOR} Sent at the first attempt after the edit.",
        refresh_token_removed,
    ),
    Situation("revoked", "The sign-in was revoked", f"{USER} Sent at the first refusal.", refused(REVOKED)),
    Situation(
        "revoked-after-the-end",
        "The sign-in was revoked, and access has ended",
        f"{USER} Sent at the first refusal, if that comes late.",
        revoked_after_the_end,
    ),
    Situation(
        "second-factor",
        "The organization now asks for a second factor",
        f"{USER} Sent at the first refusal.",
        refused(failures.refused(50076)),
    ),
    Situation(
        "reminder-2", "Nobody has signed in for a day", f"{USER} Sent after a day.", refused(REVOKED, attempts=2)
    ),
    Situation(
        "reminder-3",
        "Nobody has signed in for four days",
        f"{USER} Sent three days after the reminder before it; from then on every week.",
        refused(REVOKED, attempts=3),
    ),
    Situation(
        "ambiguous-confirmed",
        "An uncertain refusal did not pass",
        f"{USER} Sent once it was confirmed, and no earlier: many such refusals pass by themselves.",
        refused_until(Event.RECONSENT_REQUIRED, AMBIGUOUS),
    ),
    Situation(
        "account-not-reached",
        "A sign-in does not reach its advertising account",
        f"{USER} Sent once, by the refresh that finds it out after a sign-in that could not be verified.",
        account_not_reached(1001),
    ),
    Situation(
        "less-scope",
        "Microsoft grants less than the credential asks for",
        f"{USER} Sent by the refresh that finds it out, and with each reminder. It is refreshed as always.",
        less_scope,
    ),
    Situation(
        "conditional-access",
        "A rule of the organization blocks the sign-in",
        "An administrator of the Microsoft organization; the operator passes it on. Sent at the first refusal.",
        refused(failures.refused(53003)),
    ),
)
