"""How a consent ended, as a record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.invites import invite
from token_refresher.base.words import Words
from token_refresher.consent.result import ConsentEndedError, ConsentOutcome, ConsentResult

RESULTS = st.builds(
    ConsentResult,
    ending=st.sampled_from(ConsentOutcome),
    credential=st.text(max_size=5),
    invite=st.none() | st.builds(invite, st.text(max_size=5), st.text(max_size=5)),
    username=st.text(max_size=5),
    verified=st.booleans(),
    cause=st.text(max_size=5),
    words=st.none() | st.builds(Words, st.text(max_size=5), st.text(max_size=5), st.text(max_size=5)),
)


@given(RESULTS)
def test_a_result_survives_its_document(result: ConsentResult) -> None:
    assert ConsentResult.from_document(result.to_document()) == result


def test_a_document_holds_plain_values_only() -> None:
    document = ConsentResult(ConsentOutcome.CONNECTED, "team/ads").to_document()
    assert {type(value) for value in document.values()} <= {str, bool, type(None)}


def test_an_unknown_outcome_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="exploded"):
        ConsentResult.from_document({"ending": "exploded"})


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        pytest.param(ConsentOutcome.CONNECTED, 200, id="connected is a success"),
        pytest.param(ConsentOutcome.CONNECTED_SOON, 202, id="connected soon is accepted"),
        pytest.param(ConsentOutcome.UNDER_WAY, 202, id="a sign-in that is being finished is accepted"),
        pytest.param(ConsentOutcome.UNAVAILABLE, 503, id="a page without its service is unavailable"),
        pytest.param(ConsentOutcome.STORE_DOWN, 503, id="an outage of the store is unavailable"),
        pytest.param(ConsentOutcome.ALREADY_DONE, 410, id="a used link is gone"),
        pytest.param(ConsentOutcome.EXPIRED_INVITE, 410, id="an expired link is gone"),
        pytest.param(ConsentOutcome.WITHDRAWN_INVITE, 410, id="a link that was withdrawn is gone"),
        pytest.param(ConsentOutcome.CODE_EXPIRED, 400, id="a code that came too late is a bad request"),
        pytest.param(ConsentOutcome.INVALID_INVITE, 403, id="an invalid link is forbidden"),
        pytest.param(ConsentOutcome.FOREIGN_BROWSER, 403, id="another browser is forbidden"),
        pytest.param(ConsentOutcome.NO_ACCOUNT_ACCESS, 403, id="no access to the account is forbidden"),
        pytest.param(ConsentOutcome.OTHER_PERSON, 409, id="another person is a conflict"),
        pytest.param(ConsentOutcome.OPERATOR_NEEDED, 409, id="a wrong setup is a conflict"),
        pytest.param(ConsentOutcome.TRY_AGAIN_LATER, 503, id="an outage is unavailable"),
        pytest.param(ConsentOutcome.UNKNOWN_STATE, 400, id="an unknown state is a bad request"),
        pytest.param(ConsentOutcome.REFUSED_BY_PROVIDER, 400, id="a refusal is a bad request"),
        pytest.param(ConsentOutcome.NO_REFRESH_TOKEN, 400, id="no refresh token is a bad request"),
        pytest.param(ConsentOutcome.MISSING_SCOPE, 400, id="a missing scope is a bad request"),
        pytest.param(ConsentOutcome.UNKNOWN_PERSON, 400, id="an unknown person is a bad request"),
    ],
)
def test_every_outcome_has_its_status(ending: ConsentOutcome, status: int) -> None:
    assert ending.http_status == status


def test_the_error_has_the_result_and_its_text_is_the_outcome_only() -> None:
    result = ConsentResult(ConsentOutcome.OTHER_PERSON, "team/ads", username="ads-owner@example.com")
    error = ConsentEndedError(result)
    assert (error.result, str(error)) == (result, "other_person")
