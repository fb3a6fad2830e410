import re
from dataclasses import replace

import pytest

from tests.fakes.failures import NO_ANSWER, REVOKED, SECRET_EXPIRED
from tests.fakes.manual_clock import START
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.credential.status import Status
from token_refresher.credential.status_tags import NO_REASON, REASON_TAG, STATUS_TAG, StatusTags
from token_refresher.diagnosis.diagnosis import (
    Diagnosis,
    diagnose,
    diagnose_malformed,
    first_consent,
    too_many_versions,
)
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.status_tags import new_status_tags, status_tags_of
from token_refresher.rotation.secret_store import SecretState

KNOWN = replace(RegistryEntry.discovered("search-ads", "version-1", START), revision=1)


def entry(status: Status, diagnosis: Diagnosis | None = None) -> RegistryEntry:
    return replace(KNOWN, status=status, diagnosis=diagnosis)


def reason(cause: str) -> str:
    tags = status_tags_of(entry(Status.NEEDS_CONSENT, replace(diagnose(REVOKED), code="code", cause=cause)))
    assert tags is not None
    return tags.reason


@pytest.mark.parametrize(
    ("known", "status", "code"),
    [
        pytest.param(entry(Status.AWAITING_CONSENT, first_consent()), "awaiting_consent", "first_consent", id="new"),
        pytest.param(entry(Status.NEEDS_CONSENT, diagnose(REVOKED)), "needs_consent", "50173", id="revoked"),
        pytest.param(entry(Status.NEEDS_OPERATOR, diagnose(SECRET_EXPIRED)), "needs_operator", "7000222", id="expired"),
    ],
)
def test_if_a_person_has_to_act_the_reason_is_the_code_and_the_cause(
    known: RegistryEntry, status: str, code: str
) -> None:
    tags = status_tags_of(known)
    assert tags is not None
    assert (tags.status, tags.reason.partition(": ")[0]) == (status, code)
    assert len(tags.reason.partition(": ")[2]) > 10


@pytest.mark.parametrize(
    ("known", "status"),
    [
        pytest.param(entry(Status.HEALTHY), "healthy", id="healthy"),
        pytest.param(entry(Status.HEALTHY, too_many_versions(START)), "healthy", id="healthy, and slowed down"),
        pytest.param(entry(Status.PAUSED, diagnose(REVOKED)), "paused", id="paused"),
        pytest.param(entry(Status.AWAITING_CONSENT), "awaiting_consent", id="no attempt yet"),
    ],
)
def test_if_nobody_has_to_act_there_is_no_reason(known: RegistryEntry, status: str) -> None:
    assert status_tags_of(known) == StatusTags(status, NO_REASON)


def test_a_credential_that_is_retried_has_no_status_tags_of_its_own() -> None:
    assert status_tags_of(entry(Status.RETRYING, diagnose(NO_ANSWER))) is None


def test_an_entry_that_was_never_written_has_no_status_tags() -> None:
    assert status_tags_of(replace(KNOWN, revision=0)) is None


@pytest.mark.parametrize(
    ("cause", "shown"),
    [
        pytest.param("The user's grant ended.", "code: The users grant ended.", id="an apostrophe is removed"),
        pytest.param("Either (a), or; b\u2026", "code: Either a or b", id="brackets, commas and the like are removed"),
        pytest.param("One\n  line", "code: One line", id="line breaks become spaces"),
        pytest.param("+-=._:/@ 09 azAZ", "code: +-=._:/@ 09 azAZ", id="the characters that AWS allows stay"),
        pytest.param("x" * 250, "code: " + "x" * 250, id="the longest text that fits is complete"),
        pytest.param("x" * 251, "code: " + "x" * 247 + "...", id="a longer text is cut"),
    ],
)
def test_a_reason_fits_into_a_tag(cause: str, shown: str) -> None:
    assert reason(cause) == shown


def test_a_malformed_field_is_named() -> None:
    diagnosis = diagnose_malformed(MalformedCredentialError("client_id", "must be a text"))
    tags = status_tags_of(entry(Status.NEEDS_OPERATOR, diagnosis))
    assert tags is not None
    assert re.fullmatch(r"malformed_credential\.client_id: .*client_id must be a text\.", tags.reason)


def test_status_tags_are_read_as_they_were_written() -> None:
    status_tags = StatusTags("needs_consent", "50173: revoked")
    assert StatusTags.from_tags({"team": "of the operator", **status_tags.to_tags()}) == status_tags


@pytest.mark.parametrize(
    ("tags", "status_tags"),
    [
        pytest.param({}, None, id="no tags: none"),
        pytest.param({"team": "of the operator"}, None, id="only other tags: none"),
        pytest.param({REASON_TAG: "-"}, None, id="only a reason: none"),
        pytest.param({STATUS_TAG: "healthy"}, StatusTags("healthy", ""), id="only a status: no reason"),
    ],
)
def test_status_tags_need_a_status(tags: dict[str, str], status_tags: StatusTags | None) -> None:
    assert StatusTags.from_tags(tags) == status_tags


PAUSED = StatusTags("paused", NO_REASON)


@pytest.mark.parametrize(
    ("known", "status"),
    [
        pytest.param(entry(Status.RETRYING, diagnose(REVOKED)), "needs_consent", id="it waited for a person"),
        pytest.param(
            replace(entry(Status.RETRYING, diagnose(NO_ANSWER)), refreshed_at=START), "healthy", id="it was healthy"
        ),
        pytest.param(
            entry(Status.RETRYING, diagnose(NO_ANSWER)), "awaiting_consent", id="no refresh has worked for it yet"
        ),
    ],
)
def test_a_resumed_credential_shows_what_it_showed_before_the_pause_until_it_was_tried(
    known: RegistryEntry, status: str
) -> None:
    paused = SecretState("search-ads", "arn", "version-1", None, PAUSED)
    label = new_status_tags(paused, known)
    assert label is not None
    assert label.status == status
    assert new_status_tags(replace(paused, status_tags=label), known) is None
