"""The return of an administrator who was asked to accept for an organization: it proves nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_refresher.base.words import MICROSOFT
from token_refresher.consent.admin_consent import admin_consent
from token_refresher.consent.result import ConsentOutcome, ConsentResult

TENANT = "0000aaaa-11bb-cccc-dd22-eeeeee333333"
DECLINED = "AADSTS65004: The resource owner or authorization server denied the request. Trace ID: canary-4c1d"


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"tenant": TENANT}, id="version 1, which names no scope"),
        pytest.param({"tenant": TENANT, "state": "12345"}, id="a foreign state"),
        pytest.param({"scope": "d42ffc93-c136-491d-b4fd-6f18168c68fd/msads.manage"}, id="the scope by its GUID"),
        pytest.param({"scope": "https://ads.microsoft.com/msads.manage openid"}, id="the scope by its address"),
        pytest.param({"scope": "https://ads.microsoft.com/.default"}, id="all that the app is registered for"),
        pytest.param({"admin_consent": "true"}, id="the mark in small letters"),
    ],
)
def test_the_page_says_that_the_organization_has_accepted(query: dict[str, str]) -> None:
    accepted = ConsentResult(ConsentOutcome.ADMIN_CONSENTED, words=MICROSOFT)
    assert admin_consent({"admin_consent": "True", **query}) == accepted


def test_the_page_says_that_other_permissions_were_accepted() -> None:
    result = admin_consent({"admin_consent": "True", "scope": "https://graph.microsoft.com/User.Read"})
    assert result is not None
    assert (result.ending, "msads.manage" in result.cause) == (ConsentOutcome.ADMIN_CONSENTED, True)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param({"error": "consent_required", "error_description": DECLINED}, "65004", id="declined"),
        pytest.param({"error": "access_denied"}, "access_denied", id="declined, without a number"),
        pytest.param({"error": "something_new"}, "something_new", id="an unknown error"),
        pytest.param({"error": "<b>bold</b>"}, "unknown", id="markup"),
    ],
)
def test_the_page_says_that_the_organization_has_not_accepted(query: dict[str, str], code: str) -> None:
    assert admin_consent({"admin_consent": "True", **query}) == ConsentResult(
        ConsentOutcome.ADMIN_REFUSED, code=code, words=MICROSOFT
    )


def test_the_refusal_that_has_no_mark_is_known_by_its_error() -> None:
    query = {"error": "permission_denied", "error_description": "The admin canceled the request"}
    assert admin_consent(query) == ConsentResult(
        ConsentOutcome.ADMIN_REFUSED, code="permission_denied", words=MICROSOFT
    )


def test_a_refusal_that_only_the_operator_can_correct_has_the_cause_and_the_action() -> None:
    result = admin_consent(
        {"admin_consent": "True", "error": "invalid_client", "error_description": "AADSTS650052: no service"}
    )
    assert result is not None
    assert (result.code, bool(result.cause), bool(result.action)) == ("650052", True, True)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"state": "ours", "code": "a-code"}, id="a sign-in"),
        pytest.param({"admin_consent": "True", "state": "ours", "code": "a-code"}, id="a sign-in with the mark"),
        pytest.param({"admin_consent": "False"}, id="the mark that says no"),
        pytest.param({"state": "ours", "error": "permission_denied"}, id="a sign-in that was refused"),
        pytest.param({"error": "access_denied"}, id="a refusal without the mark"),
    ],
)
def test_anything_else_is_a_sign_in(query: dict[str, str]) -> None:
    assert admin_consent(query) is None


@given(st.dictionaries(st.sampled_from(["tenant", "scope", "state", "error_description"]), st.text()))
def test_no_word_of_what_was_sent_is_in_the_result(query: dict[str, str]) -> None:
    canary = "canary-4c1d"
    sent = {key: f"{value}{canary}" for key, value in query.items()}
    result = admin_consent({"admin_consent": "True", **sent})
    assert canary not in repr(result)
