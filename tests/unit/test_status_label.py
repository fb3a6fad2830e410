import re
from dataclasses import replace

import pytest

from tests.fakes.failures import NO_ANSWER, REVOKED, SECRET_EXPIRED
from tests.fakes.manual_clock import START
from token_refresher.diagnosis import Diagnosis, diagnose, diagnose_malformed, first_consent, too_many_versions
from token_refresher.errors import MalformedCredentialError
from token_refresher.registry_entry import RegistryEntry
from token_refresher.status import Status
from token_refresher.status_label import NO_REASON, REASON_TAG, STATUS_TAG, StatusLabel, label_of

KNOWN = replace(RegistryEntry.discovered("search-ads", "version-1", START), revision=1)


def entry(status: Status, diagnosis: Diagnosis | None = None) -> RegistryEntry:
    return replace(KNOWN, status=status, diagnosis=diagnosis)


def reason(cause: str) -> str:
    label = label_of(entry(Status.NEEDS_CONSENT, replace(diagnose(REVOKED), code="code", cause=cause)))
    assert label is not None
    return label.reason


@pytest.mark.parametrize(
    ("known", "status", "code"),
    [
        pytest.param(entry(Status.AWAITING_CONSENT, first_consent()), "awaiting_consent", "first_consent", id="new"),
        pytest.param(entry(Status.NEEDS_CONSENT, diagnose(REVOKED)), "needs_consent", "50173", id="a dead grant"),
        pytest.param(entry(Status.NEEDS_OPERATOR, diagnose(SECRET_EXPIRED)), "needs_operator", "7000222", id="no key"),
    ],
)
def test_who_needs_a_person_is_shown_with_its_code_and_its_cause(known: RegistryEntry, status: str, code: str) -> None:
    label = label_of(known)
    assert label is not None
    assert (label.status, label.reason.partition(": ")[0]) == (status, code)
    assert len(label.reason.partition(": ")[2]) > 10


@pytest.mark.parametrize(
    ("known", "status"),
    [
        pytest.param(entry(Status.HEALTHY), "healthy", id="healthy"),
        pytest.param(entry(Status.HEALTHY, too_many_versions(START)), "healthy", id="healthy, and slowed down"),
        pytest.param(entry(Status.PAUSED, diagnose(REVOKED)), "paused", id="set aside"),
        pytest.param(entry(Status.AWAITING_CONSENT), "awaiting_consent", id="not looked at yet"),
    ],
)
def test_where_nobody_is_waited_for_no_reason_is_shown(known: RegistryEntry, status: str) -> None:
    assert label_of(known) == StatusLabel(status, NO_REASON)


def test_an_attempt_that_is_made_again_soon_changes_nothing_that_is_shown() -> None:
    assert label_of(entry(Status.RETRYING, diagnose(NO_ANSWER))) is None


def test_what_was_never_recorded_is_not_shown() -> None:
    assert label_of(replace(KNOWN, revision=0)) is None


@pytest.mark.parametrize(
    ("cause", "shown"),
    [
        pytest.param("The user's grant ended.", "code: The users grant ended.", id="an apostrophe is left out"),
        pytest.param("Either (a), or; b\u2026", "code: Either a or b", id="so are brackets, commas and the like"),
        pytest.param("One\n  line", "code: One line", id="it is one line"),
        pytest.param("+-=._:/@ 09 azAZ", "code: +-=._:/@ 09 azAZ", id="what AWS takes stays"),
        pytest.param("x" * 250, "code: " + "x" * 250, id="the longest that fits is whole"),
        pytest.param("x" * 251, "code: " + "x" * 247 + "...", id="what is longer is cut"),
    ],
)
def test_a_reason_is_what_a_tag_can_hold(cause: str, shown: str) -> None:
    assert reason(cause) == shown


def test_a_malformed_field_is_named() -> None:
    diagnosis = diagnose_malformed(MalformedCredentialError("client_id", "must be a text"))
    label = label_of(entry(Status.NEEDS_OPERATOR, diagnosis))
    assert label is not None
    assert re.fullmatch(r"malformed_credential\.client_id: .*client_id must be a text\.", label.reason)


def test_a_label_is_read_as_it_is_shown() -> None:
    label = StatusLabel("needs_consent", "50173: revoked")
    assert StatusLabel.from_tags({"team": "of the operator", **label.to_tags()}) == label


@pytest.mark.parametrize(
    ("tags", "label"),
    [
        pytest.param({}, None, id="no tags: none"),
        pytest.param({"team": "of the operator"}, None, id="tags of others: none"),
        pytest.param({REASON_TAG: "-"}, None, id="a reason alone: none"),
        pytest.param({STATUS_TAG: "healthy"}, StatusLabel("healthy", ""), id="a status alone: one without a reason"),
    ],
)
def test_tags_without_a_label_are_none(tags: dict[str, str], label: StatusLabel | None) -> None:
    assert StatusLabel.from_tags(tags) == label
