"""Refreshing at every provider: rotation, reuse, and when each kind of token ends."""

from datetime import timedelta

from tests.conformance.connection import Connection, issued, kept, where
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.errors import ProviderError
from token_refresher.base.sensitive import Sensitive
from token_refresher.diagnosis.diagnosis import Actor
from token_refresher.providers.catalogue.entry import Reuse, TokenRotation

SECOND = timedelta(seconds=1)


def replaced(connection: Connection) -> tuple[Sensitive, Sensitive]:
    """Return a refresh token that was replaced, and the one that replaced it."""
    old = issued(connection.consent())
    new = kept(connection.refresh(old), old)
    if new.reveal() == old.reveal():
        new = kept(connection.refresh(old), old)  # Rotation "sometimes" is every second use.
    assert new.reveal() != old.reveal()
    return old, new


def is_accepted(connection: Connection, token: Sensitive) -> bool:
    try:
        connection.refresh(token)
    except ProviderError:
        return False
    return True


def test_a_refresh_brings_another_access_token_that_lives_as_long_as_the_entry_says(connection: Connection) -> None:
    first = connection.consent()
    second = connection.refresh(issued(first))
    assert first.access_token
    assert second.access_token
    assert first.access_token.reveal() != second.access_token.reveal()
    # Microsoft's is random, and the entry has the lower end. An answer says it anyway.
    lifetime = None if connection.is_microsoft else connection.entry.access_token_lifetime
    assert second.expires_at == connection.clock() + (lifetime or timedelta(hours=1))


def test_a_refresh_keeps_the_scope(connection: Connection) -> None:
    grant = connection.refresh(issued(connection.consent()))
    assert connection.provider().missing_scopes(connection.credential(), grant.scope) == ()


def test_the_newest_refresh_token_is_kept_and_goes_on(connection: Connection) -> None:
    token = issued(connection.consent())
    seen = [token.reveal()]
    for _ in range(4):
        connection.clock.pass_by(timedelta(hours=1))
        token = kept(connection.refresh(token), token)
        seen.append(token.reveal())
    expected = {TokenRotation.ALWAYS: 5, TokenRotation.SOMETIMES: 3, TokenRotation.NEVER: 1}
    assert len(set(seen)) == expected[connection.rotation]


@where(lambda entry: entry.refresh_token.rotation is not TokenRotation.NEVER)
def test_a_replaced_refresh_token_has_the_fate_that_the_entry_says(connection: Connection) -> None:
    old, new = replaced(connection)
    assert is_accepted(connection, old) is (connection.reuse in {Reuse.NOTHING, Reuse.GRACE})
    assert is_accepted(connection, new) is (connection.reuse is not Reuse.REVOKES)


@where(lambda entry: entry.refresh_token.grace)
def test_the_grace_ends(connection: Connection) -> None:
    grace = connection.entry.refresh_token.grace or timedelta(0)
    old, new = replaced(connection)
    connection.clock.pass_by(grace - SECOND)
    assert is_accepted(connection, old)
    connection.clock.pass_by(SECOND)
    assert not is_accepted(connection, old)
    # After the grace an old token ends the whole sign-in, as a comment of the entry says.
    assert is_accepted(connection, new) is (connection.name != "atlassian")


def test_an_answer_that_is_lost_costs_the_sign_in_only_where_a_reuse_does(connection: Connection) -> None:
    """The provider has rotated, and the connection broke: the old refresh token is all there is."""
    token = issued(connection.consent())
    connection.control.fault(connection.client_id, "drop_after_rotating")
    failure = connection.failure(token)
    assert failure.may_have_been_granted
    rotates = connection.rotation is TokenRotation.ALWAYS
    is_spent = rotates and connection.reuse in {Reuse.REFUSED, Reuse.REVOKES}
    assert is_accepted(connection, token) is not is_spent


def test_the_access_token_ends_and_a_refresh_replaces_it(connection: Connection) -> None:
    grant = connection.consent()
    assert grant.expires_at
    connection.clock.pass_by(grant.expires_at - connection.clock() + SECOND)
    again = connection.refresh(issued(grant))
    assert again.expires_at
    assert again.expires_at > connection.clock()


def test_an_unused_refresh_token_ends_where_the_entry_says_so(connection: Connection) -> None:
    """With a use just before the end, it goes on."""
    facts, token = connection.entry.refresh_token, issued(connection.consent())
    span = facts.idle or timedelta(days=59)
    connection.clock.pass_by(span - SECOND)
    token = kept(connection.refresh(token), token)
    connection.clock.pass_by(span - SECOND)
    token = kept(connection.refresh(token), token)
    connection.clock.pass_by(span)
    assert is_accepted(connection, token) is (facts.idle is None)


@where(lambda entry: entry.refresh_token.lifetime and not entry.refresh_token.is_extended)
def test_a_fixed_end_comes_however_often_the_token_is_refreshed(connection: Connection) -> None:
    token = issued(connection.consent())
    ends_at = connection.clock() + (connection.entry.refresh_token.lifetime or timedelta(0))
    while connection.clock() < ends_at - SECOND:
        connection.clock.pass_by(min(timedelta(days=80), ends_at - SECOND - connection.clock()))
        token = kept(connection.refresh(token), token)
    connection.clock.pass_by(SECOND)
    assert connection.diagnosis(token).actor is Actor.USER


@where(lambda entry: entry.refresh_token.lifetime and entry.refresh_token.is_extended)
def test_an_end_that_a_refresh_moves_never_comes(connection: Connection) -> None:
    """It comes for a token that is not refreshed."""
    token, lifetime = issued(connection.consent()), connection.entry.refresh_token.lifetime or timedelta(0)
    for _ in range(3):
        connection.clock.pass_by(lifetime - SECOND)
        token = kept(connection.refresh(token), token)
    connection.clock.pass_by(lifetime)
    assert connection.diagnosis(token).actor is Actor.USER


def test_the_end_that_no_refresh_moves_is_known_from_the_consent_and_stays(connection: Connection) -> None:
    """A later answer has nothing new to say of it."""
    facts, grant = connection.entry.refresh_token, connection.consent()
    ends_at = connection.clock() + facts.lifetime if facts.lifetime and not facts.is_extended else None
    assert grant.refresh_token_expires_at == ends_at
    connection.clock.pass_by(timedelta(days=20))
    stored = {"refresh_token_expires_at": to_rfc3339(ends_at)} if ends_at else {}
    assert connection.refresh(issued(grant), **stored).refresh_token_expires_at is None


@where(lambda entry: entry.refresh_token.lifetime_member and not entry.refresh_token.lifetime)
def test_google_says_the_end_of_an_access_that_was_granted_for_some_time(connection: Connection) -> None:
    connection.register(refresh_token_lifetime_seconds=15551999)
    grant = connection.consent()
    assert grant.refresh_token_expires_at == connection.clock() + timedelta(seconds=15551999)
    connection.clock.pass_by(timedelta(seconds=15551999))
    assert connection.diagnosis(issued(grant)).actor is Actor.USER
