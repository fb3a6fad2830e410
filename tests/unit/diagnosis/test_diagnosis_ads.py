"""The meaning of a failure of the Microsoft Advertising API."""

from datetime import timedelta

import pytest

from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.diagnosis.catalogue import ads_codes
from token_refresher.diagnosis.diagnosis import Actor, diagnose, diagnose_ads

PAGE = "https://learn.microsoft.com/advertising/guides/operation-error-codes"


def refused(*codes: int, status: int = 400) -> ProviderFailure:
    return ProviderFailure(FailureKind.REFUSED, status, codes=codes, correlation_id="0-1")


@pytest.mark.parametrize(
    ("failure", "actor", "certain", "meaning", "code"),
    [
        pytest.param(refused(0), Actor.NOBODY, True, "ads_unavailable", "0", id="an internal error"),
        pytest.param(refused(105), Actor.OPERATOR, False, "ads_credentials", "105", id="one of two tokens is wrong"),
        pytest.param(refused(106), Actor.USER, True, "ads_no_access", "106", id="no access"),
        pytest.param(refused(108), Actor.USER, True, "ads_user_at_risk", "108", id="a user who was attacked"),
        pytest.param(refused(109), Actor.NOBODY, True, "ads_token_ended", "109", id="an expired token"),
        pytest.param(refused(116), Actor.OPERATOR, True, "ads_request", "116", id="a header is missing"),
        pytest.param(refused(117), Actor.NOBODY, True, "ads_throttled", "117", id="too many calls"),
        pytest.param(refused(120), Actor.USER, True, "ads_other_identity", "120", id="a merged user"),
        pytest.param(refused(126), Actor.USER, True, "ads_other_identity", "126", id="a different kind of account"),
        pytest.param(refused(207), Actor.NOBODY, False, "ads_unknown", "207", id="a code with two meanings"),
        pytest.param(refused(1001), Actor.USER, True, "ads_no_access", "1001", id="not allowed"),
        pytest.param(refused(1001, status=500), Actor.USER, True, "ads_no_access", "1001", id="a fault with a 500"),
        pytest.param(refused(106, status=200), Actor.USER, True, "ads_no_access", "106", id="a fault with a 200"),
        pytest.param(refused(105, 106), Actor.USER, True, "ads_no_access", "106", id="a code about the person first"),
        pytest.param(refused(117, 105), Actor.NOBODY, True, "ads_throttled", "117", id="otherwise the first code"),
        pytest.param(refused(99999), Actor.NOBODY, False, "ads_unknown", "99999", id="an unknown code"),
        pytest.param(refused(), Actor.NOBODY, False, "ads_unknown", "ads_unknown", id="no code"),
        pytest.param(
            refused(106, status=429), Actor.NOBODY, True, "ads_throttled", "ads_throttled", id="a 429 whatever it says"
        ),
        pytest.param(
            refused(106, status=503), Actor.NOBODY, True, "ads_unavailable", "ads_unavailable", id="a 503, as well"
        ),
        pytest.param(
            refused(99999, status=500), Actor.NOBODY, True, "ads_unavailable", "ads_unavailable", id="a bare 500"
        ),
        pytest.param(
            ProviderFailure(FailureKind.NO_ANSWER),
            Actor.NOBODY,
            True,
            "ads_unavailable",
            "ads_unavailable",
            id="no answer",
        ),
        pytest.param(
            ProviderFailure(FailureKind.UNUSABLE_ANSWER, 200),
            Actor.NOBODY,
            True,
            "ads_unavailable",
            "ads_unavailable",
            id="an unusable answer",
        ),
    ],
)
def test_a_failure_means(failure: ProviderFailure, actor: Actor, meaning: str, code: str, *, certain: bool) -> None:
    diagnosis = diagnose_ads(failure)
    assert (diagnosis.actor, diagnosis.certain, diagnosis.meaning, diagnosis.code) == (actor, certain, meaning, code)


@pytest.mark.parametrize("code", sorted(ads_codes()))
def test_a_code_has_its_page_and_its_facts(code: int) -> None:
    diagnosis = diagnose_ads(refused(code))
    assert (diagnosis.help_url, diagnosis.http_status, diagnosis.correlation_id) == (PAGE, 400, "0-1")


@pytest.mark.parametrize("code", sorted(ads_codes()))
def test_codes_of_the_ads_api_are_independent_of_aadsts_numbers(code: int) -> None:
    assert diagnose(refused(code)).meaning == "unknown"


@pytest.mark.parametrize(
    ("code", "pause"), [(117, timedelta(minutes=1)), (4204, timedelta(minutes=15)), (106, timedelta(0))]
)
def test_a_limit_has_its_pause(code: int, pause: timedelta) -> None:
    assert diagnose_ads(refused(code)).pause == pause


@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param(122, "work account", id="work instead of personal"),
        pytest.param(123, "personal account", id="personal instead of work"),
        pytest.param(124, "work account", id="the personal one was replaced"),
        pytest.param(125, "work account", id="the organization wants work accounts"),
    ],
)
def test_the_wrong_kind_of_account_names_the_right_one(code: int, words: str) -> None:
    assert diagnose_ads(refused(code)).action == f"Sign in with the {words}."


@pytest.mark.parametrize(
    ("code", "actor", "cause", "action"),
    [
        pytest.param(105, Actor.OPERATOR, "the operator's developer token", "developer_token in the secret", id="105"),
        pytest.param(106, Actor.USER, "may not use this advertising account", "ask an administrator", id="106"),
        pytest.param(108, Actor.USER, "suspicious activity", "set a new password", id="108"),
        pytest.param(109, Actor.NOBODY, "access token had expired", "asked again", id="109"),
        pytest.param(117, Actor.NOBODY, "number of requests", "asked again", id="117"),
        pytest.param(120, Actor.USER, "merged with another one", "kept as the main one", id="120"),
        pytest.param(122, Actor.USER, "with a personal account", "with the work account", id="122"),
        pytest.param(123, Actor.USER, "with a work account", "with the personal account", id="123"),
        pytest.param(124, Actor.USER, "replaced by a work account", "with the work account", id="124"),
        pytest.param(125, Actor.USER, "allows work accounts only", "with the work account", id="125"),
        pytest.param(126, Actor.USER, "a different kind of account", "used at ads.microsoft.com", id="126"),
        pytest.param(1001, Actor.USER, "only work accounts in", "ask an administrator", id="1001"),
    ],
)
def test_a_code_of_a_sign_in_has_texts_for_the_person_on_the_page(
    code: int, actor: Actor, cause: str, action: str
) -> None:
    diagnosis = diagnose_ads(refused(code))
    assert diagnosis.actor is actor
    assert cause in diagnosis.cause
    assert action in diagnosis.action


def test_an_outage_of_the_ads_api_is_no_outage_of_the_sign_in_service() -> None:
    assert not diagnose_ads(ProviderFailure(FailureKind.NO_ANSWER)).outage
