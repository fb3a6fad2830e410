"""How a consent ended, as a record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.invites import invite
from token_refresher.consent_result import ConsentEndedError, ConsentResult, Ending

RESULTS = st.builds(
    ConsentResult,
    ending=st.sampled_from(Ending),
    credential=st.text(max_size=5),
    invite=st.none() | st.builds(invite, st.text(max_size=5), st.text(max_size=5)),
    username=st.text(max_size=5),
    verified=st.booleans(),
    cause=st.text(max_size=5),
)


@given(RESULTS)
def test_a_result_survives_its_document(result: ConsentResult) -> None:
    assert ConsentResult.from_document(result.to_document()) == result


def test_a_document_holds_plain_values_only() -> None:
    document = ConsentResult(Ending.CONNECTED, "team/ads").to_document()
    assert {type(value) for value in document.values()} <= {str, bool, type(None)}


def test_an_ending_that_is_not_known_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="exploded"):
        ConsentResult.from_document({"ending": "exploded"})


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        pytest.param(Ending.CONNECTED, 200, id="connected is a success"),
        pytest.param(Ending.CONNECTED_SOON, 202, id="connected soon is accepted"),
        pytest.param(Ending.UNDER_WAY, 202, id="a sign-in that is being finished is accepted"),
        pytest.param(Ending.UNAVAILABLE, 503, id="a page without its service is unavailable"),
        pytest.param(Ending.STORE_DOWN, 503, id="an outage of ours is unavailable"),
        pytest.param(Ending.ALREADY_DONE, 410, id="a link that has done its work is gone"),
        pytest.param(Ending.EXPIRED_INVITE, 410, id="an expired link is gone"),
        pytest.param(Ending.WITHDRAWN_INVITE, 410, id="a link that was withdrawn is gone"),
        pytest.param(Ending.CODE_EXPIRED, 400, id="a code that came too late is a bad request"),
        pytest.param(Ending.INVALID_INVITE, 403, id="an invalid link is forbidden"),
        pytest.param(Ending.FOREIGN_BROWSER, 403, id="another browser is forbidden"),
        pytest.param(Ending.NO_ACCOUNT_ACCESS, 403, id="no access to the account is forbidden"),
        pytest.param(Ending.OTHER_PERSON, 409, id="somebody else is a conflict"),
        pytest.param(Ending.OPERATOR_NEEDED, 409, id="a wrong setup is a conflict"),
        pytest.param(Ending.TRY_AGAIN_LATER, 503, id="an outage is unavailable"),
        pytest.param(Ending.UNKNOWN_STATE, 400, id="an unknown state is a bad request"),
        pytest.param(Ending.REFUSED_BY_MICROSOFT, 400, id="a refusal is a bad request"),
        pytest.param(Ending.NO_REFRESH_TOKEN, 400, id="no refresh token is a bad request"),
        pytest.param(Ending.MISSING_SCOPE, 400, id="a missing scope is a bad request"),
        pytest.param(Ending.UNKNOWN_PERSON, 400, id="an unknown person is a bad request"),
    ],
)
def test_every_ending_has_its_status(ending: Ending, status: int) -> None:
    assert ending.http_status == status


def test_the_error_carries_the_result_and_says_only_the_ending() -> None:
    result = ConsentResult(Ending.OTHER_PERSON, "team/ads", username="ads-owner@example.com")
    error = ConsentEndedError(result)
    assert (error.result, str(error)) == (result, "other_person")
