"""The escrow keeps a whole grant as a text, and no error quotes it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.rotations import IDENTITY, a_grant
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.grant import Grant
from token_refresher.credential.identity import Identity
from token_refresher.rotation.escrow import EscrowedGrant
from token_refresher.rotation.intent import Base

CANARY = "canary-71cc"
MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - The zone is beside it.
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - The zone is beside it.
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))
TOKENS = st.none() | st.text(min_size=1, max_size=50).map(Sensitive)
WORDS = st.text("abc@-é", max_size=9)
IDENTITIES = st.none() | st.builds(Identity, WORDS, WORDS, WORDS, MOMENTS)
GRANTS = st.builds(
    Grant,
    access_token=TOKENS,
    token_type=st.text(max_size=9),
    expires_at=st.none() | MOMENTS,
    scope=st.text(max_size=9),
    refresh_token=TOKENS,
    issued_at=MOMENTS,
    identity=IDENTITIES,
    refresh_token_expires_at=st.none() | MOMENTS,
)
ESCROWED = st.builds(
    EscrowedGrant,
    credential=st.text(min_size=1, max_size=20),
    arn=st.text(max_size=20),
    attempt=st.text(max_size=20),
    base=st.builds(Base, st.text(max_size=12), st.none() | MOMENTS),
    grant=GRANTS,
)
ONE = EscrowedGrant(
    "team/ads",
    "arn:one",
    "attempt-1",
    Base("0123456789ab", IDENTITY.consented_at),
    a_grant(CANARY, access_token=CANARY),
)


@given(ESCROWED)
def test_an_escrowed_grant_is_parsed_as_it_was_dumped(escrowed: EscrowedGrant) -> None:
    assert EscrowedGrant.parse(escrowed.credential, escrowed.attempt, escrowed.dump()) == escrowed


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5).map(json.dumps))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="what is in escrow for team/ads is not readable"):
        EscrowedGrant.parse("team/ads", "attempt-1", text)


@pytest.mark.parametrize("field", sorted(json.loads(ONE.dump()).keys() - {"refresh_token_expires_at"}))
def test_a_text_without_one_of_the_fields_is_refused(field: str) -> None:
    fields = {key: value for key, value in json.loads(ONE.dump()).items() if key != field}
    with pytest.raises(ValueError, match="not readable"):
        EscrowedGrant.parse("team/ads", "attempt-1", json.dumps(fields))


def test_a_text_of_an_earlier_version_has_no_end_of_the_refresh_token() -> None:
    fields = json.loads(ONE.dump())
    del fields["refresh_token_expires_at"]
    assert EscrowedGrant.parse("team/ads", "attempt-1", json.dumps(fields)) == ONE


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"issued_at": CANARY}, id="a time that is a word"),
        pytest.param({"issued_at": None}, id="no time"),
        pytest.param({"expires_at": CANARY}, id="an expiry that is a word"),
        pytest.param({"refreshed_at": 5}, id="a time that is a number"),
        pytest.param({"identity": CANARY}, id="an identity that is a text"),
        pytest.param({"identity": {"username": CANARY}}, id="an identity without a time"),
    ],
)
def test_the_error_does_not_quote_the_refused_text(changes: dict[str, Any]) -> None:
    text = json.dumps({**json.loads(ONE.dump()), **changes})
    with pytest.raises(ValueError, match="not readable") as caught:
        EscrowedGrant.parse("team/ads", "attempt-1", text)
    assert CANARY not in f"{caught.value} {caught.value!r} {caught.value.__cause__}"
    assert caught.value.__suppress_context__


def test_the_name_and_the_attempt_are_not_in_the_text() -> None:
    assert not {"team/ads", "attempt-1"} & set(json.loads(ONE.dump()).values())


def test_the_repr_of_an_escrowed_grant_has_no_token() -> None:
    assert CANARY not in repr(ONE)


def test_without_its_access_token_an_escrowed_grant_keeps_everything_else() -> None:
    small = ONE.without_access_token()
    assert (small.grant.refresh_token, small.grant.access_token, small.grant.expires_at) == (
        Sensitive(CANARY),
        None,
        None,
    )
    assert (small.base, small.arn, small.grant.issued_at) == (ONE.base, ONE.arn, ONE.grant.issued_at)
