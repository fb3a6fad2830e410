"""The message in the refresh queue."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_refresher.base.errors import MalformedMessageError
from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.registry.entry import RegistryEntry

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
GOOD = {"credential": "team/ads", "version_id": "version-1", "due_at": "2026-01-31T09:00:00Z"}
MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - The zone is beside it.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda items: st.lists(items) | st.dictionaries(st.sampled_from(sorted(GOOD)) | st.text(), items),
)


@given(st.text(min_size=1), st.text(), MOMENTS, st.booleans(), st.from_regex(r"[!-~]{0,64}", fullmatch=True))
def test_a_request_survives_its_message(
    credential: str, version_id: str, due_at: datetime, escrowed: bool, request_id: str
) -> None:
    request = RefreshRequest(credential, version_id, due_at.replace(microsecond=0), escrowed, request_id)
    assert RefreshRequest.parse(request.dump()) == request


def test_a_message_contains_a_name_a_version_and_a_time_and_nothing_else() -> None:
    assert json.loads(RefreshRequest("team/ads", "version-1", AT).dump()) == GOOD


def test_a_request_has_the_time_at_which_its_entry_became_due() -> None:
    entry = RegistryEntry.discovered("team/ads", "version-1", AT)
    assert RefreshRequest.for_entry(entry, AT) == RefreshRequest("team/ads", "version-1", entry.next_action_at or AT)


def test_the_same_planned_action_makes_the_same_message() -> None:
    entry = RegistryEntry.discovered("team/ads", "version-1", AT)
    assert RefreshRequest.for_entry(entry, AT).dump() == RefreshRequest.for_entry(entry, AT.replace(hour=10)).dump()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"credential": None}, id="no credential"),
        pytest.param({"credential": ""}, id="an empty credential"),
        pytest.param({"credential": 5}, id="a credential that is a number"),
        pytest.param({"version_id": ["canary"]}, id="a version that is a list"),
        pytest.param({"due_at": "canary"}, id="no time"),
        pytest.param({"due_at": 5}, id="a time that is a number"),
        pytest.param({"due_at": "2026-01-31T09:00:00"}, id="a time without an offset"),
        pytest.param({"due_at": "0001-01-01T00:00:00+14:00"}, id="a time before the year 1"),
    ],
)
def test_a_message_with_a_wrong_field_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessageError, match="not a refresh request") as caught:
        RefreshRequest.parse(json.dumps({**GOOD, **changes}))
    assert "canary" not in f"{caught.value}"


@pytest.mark.parametrize("value", [False, None, 1, "true", [True]], ids=repr)
def test_only_true_means_that_tokens_are_in_escrow(value: Any) -> None:
    assert not RefreshRequest.parse(json.dumps({**GOOD, "escrowed": value})).escrowed


def test_two_requests_of_an_operator_are_two_messages() -> None:
    """Each gets an answer of its own, even if both were made in the same second."""
    first, second = (RefreshRequest.on_demand("team/ads", "version-1", AT) for _ in range(2))
    assert first.dump() != second.dump()


def test_the_request_of_an_operator_has_a_random_request_id() -> None:
    request = RefreshRequest.on_demand("team/ads", "version-1", AT)
    assert json.loads(request.dump()) == {**GOOD, "request_id": request.request_id}
    assert re.fullmatch("[0-9a-f]{16}", request.request_id)


@pytest.mark.parametrize(
    "value",
    [None, 5, True, "", ["x"], "x" * 65, "two words", "a\nline", "caf\u00e9"],
    ids=lambda value: repr(value)[:20],
)
def test_a_value_that_has_not_the_form_of_a_request_id_is_ignored(value: Any) -> None:
    assert RefreshRequest.parse(json.dumps({**GOOD, "request_id": value})).request_id == ""


def test_the_message_about_the_escrow_differs_from_that_of_the_same_planned_action() -> None:
    plain = RefreshRequest("team/ads", "version-1", AT)
    assert RefreshRequest("team/ads", "version-1", AT, escrowed=True).dump() != plain.dump()


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_a_message_that_lacks_a_field_is_malformed(missing: str) -> None:
    with pytest.raises(MalformedMessageError):
        RefreshRequest.parse(json.dumps({key: value for key, value in GOOD.items() if key != missing}))


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"text"', "5", "[" * 100_000], ids=lambda body: repr(body[:6]))
def test_a_body_that_is_no_object_is_malformed(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        RefreshRequest.parse(body)


@given(st.text() | JSON.map(json.dumps))
def test_any_body_is_read_or_malformed(body: str) -> None:
    try:
        assert RefreshRequest.parse(body).credential
    except MalformedMessageError as error:
        assert str(error)  # noqa: PT017 - Both outcomes are right; any other exception is wrong.
