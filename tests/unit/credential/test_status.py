import pytest

from tests.fakes.failures import NO_ANSWER, REVOKED, SECRET_EXPIRED
from token_refresher.credential.status import Status, status_for
from token_refresher.diagnosis.diagnosis import Actor, Diagnosis, diagnose, first_consent


@pytest.mark.parametrize(
    ("diagnosis", "status"),
    [
        pytest.param(first_consent(), Status.AWAITING_CONSENT, id="no consent yet"),
        pytest.param(diagnose(REVOKED), Status.NEEDS_CONSENT, id="revoked"),
        pytest.param(diagnose(SECRET_EXPIRED), Status.NEEDS_OPERATOR, id="a fault of the app"),
        pytest.param(
            Diagnosis("1", Actor.ADMINISTRATOR, certain=True, cause="", action=""), Status.NEEDS_OPERATOR, id="a policy"
        ),
        pytest.param(diagnose(NO_ANSWER), Status.RETRYING, id="an outage"),
    ],
)
def test_the_status_follows_from_the_actor_of_the_diagnosis(diagnosis: Diagnosis, status: Status) -> None:
    assert status_for(diagnosis) is status


@pytest.mark.parametrize("status", Status)
def test_three_statuses_need_a_person(status: Status) -> None:
    waits = {Status.AWAITING_CONSENT, Status.NEEDS_CONSENT, Status.NEEDS_OPERATOR}
    assert status.needs_a_person is (status in waits)
