"""The advertising account of a credential is not reached, or is reached after all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from tests.fakes.fake_ads_api import ads_refusal
from tests.fakes.world import World
from token_refresher.alerts.alert import Alert
from token_refresher.credential.account import AccountAccess
from token_refresher.diagnosis.diagnosis import Actor
from tools.alerts.play import CLIENT_ID, attempt, last
from tools.alerts.situation import EVERYBODY, OPERATOR, Situation


def account_not_reached(code: int) -> Callable[[], Alert]:
    """Return the play of a consent that could not be verified, and of a refresh that the Ads API answers like this."""

    def play() -> Alert:
        return last(refused_for_its_account(code))

    return play


def account_reached() -> Alert:
    """A person gets access to the account, and the next refresh finds that out."""
    world = refused_for_its_account(106)
    world.clock.advance(timedelta(hours=2))
    world.ads_api.answer = AccountAccess.REACHABLE
    attempt(world)
    return last(world)


def refused_for_its_account(code: int) -> World:
    """Return a world after a consent that could not be verified, and a refresh that was refused for the account."""
    world = World.waiting()
    world.edit(client_id=CLIENT_ID)
    world.ads_api.answer = AccountAccess.UNVERIFIED
    world.consenting()()
    why = ads_refusal(code)
    world.ads_api.answer = AccountAccess.REFUSED if why.actor is Actor.USER else AccountAccess.UNVERIFIED
    world.ads_api.why = why
    attempt(world)
    return world


ACCOUNT: Final = (
    Situation(
        "developer-token-refused",
        "Microsoft Advertising does not accept the developer token",
        f"{OPERATOR} Sent once, by the refresh that finds it out after a sign-in that could not be verified.",
        account_not_reached(105),
    ),
    Situation("account-reached", "The advertising account is reached after all", EVERYBODY, account_reached),
)
