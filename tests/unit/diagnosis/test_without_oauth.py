"""The diagnosis of a failure without an OAuth answer: its reason, its texts, and what it says of the refresh token."""

import pytest

from tests.unit.entrypoints.test_observability import DIAGNOSIS
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.base.words import MICROSOFT
from token_refresher.diagnosis.diagnosis import Actor, diagnose, diagnose_ads

NOT_SENT, NO_ANSWER, UNUSABLE = FailureKind.NOT_SENT, FailureKind.NO_ANSWER, FailureKind.UNUSABLE_ANSWER
UNUSED = "Nothing was sent, so the refresh token is unused."
PERHAPS = "Microsoft may have replaced the refresh token all the same."


@pytest.mark.parametrize(
    ("failure", "meaning", "fate"),
    [
        pytest.param(
            ProviderFailure(NOT_SENT, reason=Reason.CERTIFICATE_NOT_TRUSTED), "not_sent", UNUSED, id="a certificate"
        ),
        pytest.param(ProviderFailure(NOT_SENT, 407, reason=Reason.PROXY_WANTS_SIGN_IN), "not_sent", UNUSED, id="407"),
        pytest.param(ProviderFailure(NOT_SENT, 403, reason=Reason.PROXY_REFUSED), "not_sent", UNUSED, id="a proxy"),
        pytest.param(ProviderFailure(NOT_SENT, reason=Reason.CONNECTION_RESET), "not_sent", UNUSED, id="reset before"),
        pytest.param(
            ProviderFailure(NO_ANSWER, reason=Reason.CONNECTION_RESET), "no_answer", PERHAPS, id="reset afterwards"
        ),
        pytest.param(ProviderFailure(NO_ANSWER, 200, reason=Reason.ANSWER_CUT_OFF), "no_answer", PERHAPS, id="cut off"),
        pytest.param(
            ProviderFailure(UNUSABLE, 302, reason=Reason.REDIRECTED), "unusable_answer", PERHAPS, id="a redirect"
        ),
        pytest.param(ProviderFailure(UNUSABLE, 403, reason=Reason.FORBIDDEN), "unusable_answer", "", id="a 403"),
        pytest.param(ProviderFailure(UNUSABLE, 404, reason=Reason.NOT_FOUND), "unusable_answer", "", id="a 404"),
        pytest.param(
            ProviderFailure(UNUSABLE, 200, reason=Reason.NO_OAUTH_ANSWER), "unusable_answer", PERHAPS, id="a page"
        ),
    ],
)
def test_a_failure_without_an_oauth_answer_has_the_texts_of_its_reason(
    failure: ProviderFailure, meaning: str, fate: str
) -> None:
    diagnosis = diagnose(failure)
    assert failure.reason is not None
    assert (diagnosis.code, diagnosis.reason, diagnosis.meaning) == (failure.reason, failure.reason, meaning)
    assert (diagnosis.actor, diagnosis.outage, diagnosis.http_status) == (Actor.NOBODY, True, failure.http_status)
    assert (PERHAPS in diagnosis.cause, UNUSED in diagnosis.cause) == (fate == PERHAPS, fate == UNUSED)
    assert failure.may_have_been_granted is (fate == PERHAPS)
    assert (
        diagnosis.action
        == f"Nothing yet: it is tried again, with growing pauses. If it lasts: {diagnosis.if_it_lasts(MICROSOFT)}"
    )


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("kind", [NOT_SENT, NO_ANSWER, UNUSABLE])
def test_no_text_has_an_open_placeholder(kind: FailureKind, reason: Reason) -> None:
    diagnosis = diagnose(ProviderFailure(kind, 399, reason=reason))
    assert "{" not in diagnosis.cause + diagnosis.action + diagnosis.if_it_lasts(MICROSOFT)
    assert "token" not in diagnosis.what_happened(MICROSOFT)


@pytest.mark.parametrize(
    ("status", "code"),
    [(408, "timed_out"), (429, "throttled"), (500, "server_error"), (503, "server_error")],
)
def test_a_page_with_a_precise_status_has_the_meaning_of_the_status(status: int, code: str) -> None:
    diagnosis = diagnose(ProviderFailure(UNUSABLE, status, reason=Reason.NO_OAUTH_ANSWER))
    assert (diagnosis.code, diagnosis.meaning, diagnosis.reason) == (code, code, Reason.NO_OAUTH_ANSWER)


def test_one_outage_has_one_condition_whatever_its_reasons() -> None:
    shown = (Reason.NAME_NOT_RESOLVED, Reason.CONNECT_TIMEOUT, Reason.CONNECTION_REFUSED)
    assert len({diagnose(ProviderFailure(NOT_SENT, reason=reason)).condition for reason in shown}) == 1


def test_the_ads_api_has_its_own_texts_and_the_same_reasons() -> None:
    diagnosis = diagnose_ads(ProviderFailure(NOT_SENT, reason=Reason.CERTIFICATE_NOT_TRUSTED))
    assert (diagnosis.code, diagnosis.reason) == ("ads_unavailable", Reason.CERTIFICATE_NOT_TRUSTED)


def test_without_a_reason_the_remedy_is_the_action() -> None:
    assert DIAGNOSIS.if_it_lasts(MICROSOFT) == DIAGNOSIS.action
