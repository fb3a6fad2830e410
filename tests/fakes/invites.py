"""Invites for tests."""

from datetime import timedelta

from tests.fakes.manual_clock import START
from token_refresher.invites.invite import Invite


def invite(credential: str = "search-ads", consent_generation: str = "") -> Invite:
    """Return an invite that was made at the start of the tests' time."""
    return Invite(credential, consent_generation, START, START + timedelta(days=7))
