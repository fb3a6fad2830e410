"""The facts, the help page, the concern and the pause of a diagnosis."""

from datetime import UTC, datetime, timedelta

import pytest

from token_refresher.base.errors import MalformedCredentialError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.diagnosis.diagnosis import (
    Actor,
    Concern,
    Diagnosis,
    consent_without_refresh_token,
    diagnose,
    diagnose_malformed,
    first_consent,
    held_back,
    tokens_kept,
    too_many_versions,
    unusable_answer,
)

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
CORRELATION_ID = "00000000-0000-4000-8000-000000000009"
MALFORMED = diagnose_malformed(MalformedCredentialError("tenant", "is empty"))
OUR_OWN = [
    first_consent(),
    consent_without_refresh_token(),
    tokens_kept(),
    unusable_answer(),
    held_back(),
    too_many_versions(AT),
    MALFORMED,
]


def refused(*codes: int, error: str = "invalid_grant", status: int = 400) -> ProviderFailure:
    return ProviderFailure(FailureKind.REFUSED, status, error, "bad_token", codes, CORRELATION_ID)


def test_a_diagnosis_has_the_facts_of_the_failure() -> None:
    diagnosis = diagnose(refused(50173))
    assert (diagnosis.error, diagnosis.suberror, diagnosis.http_status, diagnosis.correlation_id) == (
        "invalid_grant",
        "bad_token",
        400,
        CORRELATION_ID,
    )


@pytest.mark.parametrize(
    ("failure", "page"),
    [
        pytest.param(refused(50173), "https://login.microsoftonline.com/error?code=50173", id="a number"),
        pytest.param(refused(70002, 70008), "https://login.microsoftonline.com/error?code=70008", id="the last of two"),
        pytest.param(refused(1), "https://login.microsoftonline.com/error?code=1", id="an unknown number"),
        pytest.param(
            refused(), "https://learn.microsoft.com/entra/identity-platform/reference-error-codes", id="no number"
        ),
        pytest.param(refused(50173, status=503), "", id="an outage, which has no page"),
        pytest.param(ProviderFailure(FailureKind.NO_ANSWER), "", id="no answer"),
    ],
)
def test_the_help_page_is_microsofts_page_on_the_code(failure: ProviderFailure, page: str) -> None:
    assert diagnose(failure).help_url == page


@pytest.mark.parametrize("diagnosis", OUR_OWN, ids=lambda diagnosis: diagnosis.meaning)
def test_a_diagnosis_of_no_answer_has_a_meaning_and_no_help_page(diagnosis: Diagnosis) -> None:
    assert (diagnosis.help_url, diagnosis.http_status, diagnosis.error) == ("", None, "")
    assert diagnosis.code.startswith(diagnosis.meaning)


@pytest.mark.parametrize(
    ("diagnosis", "concern"),
    [
        pytest.param(diagnose(refused(7000215)), Concern.APPLICATION, id="a wrong client secret"),
        pytest.param(diagnose(refused(7000222)), Concern.APPLICATION, id="an expired client secret"),
        pytest.param(diagnose(refused(7000218)), Concern.APPLICATION, id="a missing client secret"),
        pytest.param(diagnose(refused(700016)), Concern.APPLICATION, id="an unknown application"),
        pytest.param(diagnose(refused(7000112)), Concern.APPLICATION, id="a disabled application"),
        pytest.param(diagnose(refused(9002319)), Concern.APPLICATION, id="a public client with a secret"),
        pytest.param(diagnose(refused(50011)), Concern.APPLICATION, id="a redirect URI that is not registered"),
        pytest.param(diagnose(refused(9002327)), Concern.APPLICATION, id="the wrong platform"),
        pytest.param(diagnose(refused(50194)), Concern.APPLICATION, id="the wrong account types"),
        pytest.param(MALFORMED, Concern.CREDENTIAL, id="a malformed document"),
        pytest.param(diagnose(refused(70011)), Concern.CREDENTIAL, id="a wrong scope"),
        pytest.param(diagnose(refused(90002)), Concern.CREDENTIAL, id="a wrong tenant"),
        pytest.param(too_many_versions(AT), Concern.CREDENTIAL, id="too many versions"),
        pytest.param(consent_without_refresh_token(), Concern.CREDENTIAL, id="a scope without offline_access"),
        pytest.param(diagnose(refused(53003)), Concern.CREDENTIAL, id="conditional access"),
        pytest.param(diagnose(refused(650052)), Concern.CREDENTIAL, id="a missing service principal"),
        pytest.param(diagnose(refused(50173)), Concern.CREDENTIAL, id="a revoked sign-in"),
    ],
)
def test_a_diagnosis_concerns_the_application_if_all_its_credentials_are_affected(
    diagnosis: Diagnosis, concern: Concern
) -> None:
    assert diagnosis.concerns is concern


@pytest.mark.parametrize(
    ("failure", "pause"),
    [
        pytest.param(refused(50196), timedelta(minutes=6), id="a loop"),
        pytest.param(refused(90055), timedelta(minutes=6), id="a throttled tenant"),
        pytest.param(refused(90055, status=429), timedelta(minutes=6), id="a throttled tenant, with a 429"),
        pytest.param(refused(50053), timedelta(minutes=15), id="a lock"),
        pytest.param(refused(50173, status=429), timedelta(0), id="a 429 with another number"),
        pytest.param(refused(50173), timedelta(0), id="a revoked sign-in"),
    ],
)
def test_the_pause_is_as_long_as_the_code_requires(failure: ProviderFailure, pause: timedelta) -> None:
    """Microsoft counts the requests of five minutes (50196)."""
    assert diagnose(failure).pause == pause


def test_the_user_has_to_give_the_first_consent() -> None:
    diagnosis = first_consent()
    assert (diagnosis.actor, diagnosis.certain, diagnosis.code) == (Actor.USER, True, "first_consent")


def test_the_operator_has_to_fix_a_scope_without_offline_access() -> None:
    diagnosis = consent_without_refresh_token()
    assert (diagnosis.actor, diagnosis.code) == (Actor.OPERATOR, "consent_without_refresh_token")
    assert "offline_access" in diagnosis.action


def test_the_operator_has_to_fix_a_malformed_secret_and_its_field_is_named() -> None:
    assert (MALFORMED.actor, MALFORMED.certain, MALFORMED.code) == (
        Actor.OPERATOR,
        True,
        "malformed_credential.tenant",
    )
    assert "tenant is empty" in MALFORMED.cause
    assert "Correct tenant." in MALFORMED.action


def test_nobody_has_to_act_on_a_credential_that_is_held_back() -> None:
    diagnosis = held_back()
    assert (diagnosis.actor, diagnosis.certain, diagnosis.outage) == (Actor.NOBODY, True, True)
    assert "this one was not tried" in diagnosis.cause
