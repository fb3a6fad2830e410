"""A pending consent and its random secrets."""

import base64
import hashlib
import re

from tests.fakes.invites import invite
from tests.fakes.manual_clock import START
from token_refresher.base.sensitive import Sensitive
from token_refresher.consent.pending import LIFETIME, PendingConsent, digest

STARTED, STATE, COOKIE = PendingConsent.begin(invite(), "tenant/deputy", START)


def test_a_consent_lives_as_long_as_a_code_of_microsoft() -> None:
    assert STARTED.expires_at == START + LIFETIME


def test_a_consent_remembers_what_it_is_for() -> None:
    kept = (STARTED.credential, STARTED.invite, STARTED.accepted_person)
    assert kept == ("search-ads", invite(), "tenant/deputy")


def test_the_state_and_the_cookie_are_remembered_by_their_digests() -> None:
    assert (STARTED.state_digest, STARTED.cookie_digest) == (digest(STATE), digest(COOKIE))


def test_no_random_secret_is_used_twice() -> None:
    again, state, cookie = PendingConsent.begin(invite(), "", START)
    drawn = {
        STATE.reveal(),
        COOKIE.reveal(),
        STARTED.verifier.reveal(),
        STARTED.nonce,
        state.reveal(),
        cookie.reveal(),
        again.verifier.reveal(),
        again.nonce,
    }
    assert len(drawn) == 8


def test_the_verifier_is_one_of_rfc_7636() -> None:
    assert re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", STARTED.verifier.reveal())


def test_the_challenge_is_the_s256_of_the_verifier() -> None:
    hashed = hashlib.sha256(STARTED.verifier.reveal().encode()).digest()
    assert STARTED.code_challenge == base64.urlsafe_b64encode(hashed).decode().rstrip("=")


def test_the_repr_of_a_consent_does_not_hold_its_verifier() -> None:
    assert STARTED.verifier.reveal() not in repr(STARTED)


def test_a_state_that_is_no_text_has_a_digest() -> None:
    """JSON can hold half a surrogate pair."""
    assert digest(Sensitive("\ud800")) != digest(Sensitive("\udfff"))


def test_a_digest_is_the_sha256() -> None:
    assert digest(Sensitive("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
