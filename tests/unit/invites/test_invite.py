"""The content of a connect link."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.invites import invite
from tests.fakes.manual_clock import START
from token_refresher.invites.invite import Invite

SECOND = timedelta(seconds=1)
TIMES = st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001 - Hypothesis wants naive bounds.


@given(st.builds(Invite, st.text(max_size=5), st.text(max_size=5), TIMES, TIMES))
def test_an_invite_survives_its_document(invite: Invite) -> None:
    assert Invite.from_document(invite.to_document()) == invite


@pytest.mark.parametrize(
    ("after", "expired"),
    [
        pytest.param(timedelta(0), False, id="when it is made"),
        pytest.param(timedelta(days=7) - SECOND, False, id="a second before its end"),
        pytest.param(timedelta(days=7), True, id="at its end"),
        pytest.param(timedelta(days=70), True, id="long after"),
    ],
)
def test_an_invite_expires(after: timedelta, *, expired: bool) -> None:
    assert invite().has_expired(START + after) is expired


@pytest.mark.parametrize("field", invite().to_document())
def test_a_document_without_a_field_is_no_invite(field: str) -> None:
    document = {name: value for name, value in invite().to_document().items() if name != field}
    with pytest.raises(KeyError, match=field):
        Invite.from_document(document)
