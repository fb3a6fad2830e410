"""Invites as the tests need them."""

from datetime import timedelta

from tests.fakes.manual_clock import START
from token_refresher.invite import Invite


def invite(credential: str = "search-ads", consent_generation: str = "") -> Invite:
    """Return an invite that was made when the tests begin."""
    return Invite(credential, consent_generation, START, START + timedelta(days=7))
