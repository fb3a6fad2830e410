import pytest

from tests.fakes.failures import NO_ANSWER, REVOKED, SECRET_EXPIRED
from token_refresher.diagnosis import Actor, Diagnosis, diagnose, first_consent
from token_refresher.status import Status, status_for


@pytest.mark.parametrize(
    ("diagnosis", "status"),
    [
        pytest.param(first_consent(), Status.AWAITING_CONSENT, id="never consented to"),
        pytest.param(diagnose(REVOKED), Status.NEEDS_CONSENT, id="revoked"),
        pytest.param(diagnose(SECRET_EXPIRED), Status.NEEDS_OPERATOR, id="a fault of the app"),
        pytest.param(
            Diagnosis("1", Actor.ADMINISTRATOR, certain=True, cause="", action=""), Status.NEEDS_OPERATOR, id="a policy"
        ),
        pytest.param(diagnose(NO_ANSWER), Status.RETRYING, id="an outage"),
    ],
)
def test_a_status_says_who_is_waited_for(diagnosis: Diagnosis, status: Status) -> None:
    assert status_for(diagnosis) is status


@pytest.mark.parametrize("status", Status)
def test_a_person_is_needed_where_a_status_says_so(status: Status) -> None:
    waits = {Status.AWAITING_CONSENT, Status.NEEDS_CONSENT, Status.NEEDS_OPERATOR}
    assert status.needs_a_person is (status in waits)
