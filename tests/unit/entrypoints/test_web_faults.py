"""The HTTP routes with a wrong request, or with a fault of the service."""

import base64
from typing import Any

import pytest

from tests.unit.entrypoints.test_web_routes import CANARY, FORM, Service, call
from token_refresher.base.errors import ServiceUnavailableError, VersionNotFoundError
from token_refresher.base.sensitive import Sensitive
from token_refresher.consent.pending import cookie_key, digest
from token_refresher.consent.result import ConsentEndedError, ConsentOutcome, ConsentResult
from token_refresher.entrypoints.observability import metrics


@pytest.fixture(autouse=True)
def _no_metric_stays() -> Any:
    yield
    metrics.clear_metrics()


@pytest.fixture
def service() -> Service:
    return Service(error=ConsentEndedError(ConsentResult(ConsentOutcome.INVALID_INVITE)))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", f"/{CANARY}", id="an unknown path"),
        pytest.param("GET", "/", id="the root"),
        pytest.param("GET", "/connect/", id="no name"),
        pytest.param("HEAD", "/connect/team/ads", id="HEAD of the landing page"),
        pytest.param("HEAD", "/callback", id="HEAD of the callback"),
        pytest.param("POST", "/callback", id="POST to the callback"),
        pytest.param("DELETE", "/connect/team/ads", id="an unknown method"),
        pytest.param("GET", "/health/x", id="below health"),
    ],
)
def test_an_unknown_route_is_not_found_and_no_fault(service: Service, method: str, path: str) -> None:
    answer = call(service, method, path)
    assert answer["statusCode"] == 404
    assert CANARY not in str(answer)
    assert service.asked == []
    assert "Faults" not in metrics.metric_set


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        pytest.param("GET", f"/connect/{CANARY}", {"invite": CANARY}, id="landing"),
        pytest.param("POST", f"/connect/{CANARY}", {"invite": CANARY}, id="start"),
        pytest.param("GET", f"/health/{CANARY}", {"x": CANARY}, id="nowhere"),
    ],
)
def test_no_page_repeats_what_a_stranger_sends(service: Service, method: str, path: str, query: dict[str, str]) -> None:
    answer = call(service, method, path, query, body=f"invite={CANARY}&prompt={CANARY}", headers=FORM)
    assert CANARY not in str(answer)


def test_the_callback_repeats_nothing_of_its_query() -> None:
    query = dict.fromkeys(("code", "state", "error", "error_description", "error_uri"), CANARY)
    cookie = f"__Host-consent-{cookie_key(digest(Sensitive(CANARY)))}={CANARY}"
    assert CANARY not in str(call(Service(), "GET", "/callback", query, cookies=[cookie]))


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/connect/team/ads"), ("POST", "/connect/team/ads"), ("GET", "/callback")],
    ids=["landing", "start", "callback"],
)
def test_the_page_of_a_fault_does_not_have_its_text(method: str, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = call(Service(error=RuntimeError(CANARY)), method, path, body="")
    assert answer["statusCode"] == 500
    assert "Something went wrong here" in answer["body"]
    assert "Content-Security-Policy" in answer["headers"]
    assert CANARY not in f"{answer}{capsys.readouterr()}"
    assert metrics.metric_set["Faults"]["Value"] == [1.0]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/connect/team/ads"), ("POST", "/connect/team/ads"), ("GET", "/callback")],
    ids=["landing", "start", "callback"],
)
@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ServiceUnavailableError("secretsmanager.GetSecretValue", "Slow"), id="an outage"),
        pytest.param(VersionNotFoundError("planted-version"), id="a version that cannot be seen yet"),
    ],
)
def test_the_page_of_an_outage_of_aws_says_when_to_come_back(method: str, path: str, error: Exception) -> None:
    answer = call(Service(error=error), method, path, body="")
    assert answer["statusCode"] == 503
    assert "in a few minutes" in answer["body"]
    assert "secretsmanager" not in str(answer)
    assert metrics.metric_set["Faults"]["Value"] == [1.0]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("&".join(f"a{number}=1" for number in range(50)), id="too many fields"),
        pytest.param("%ff%fe=%zz&&==", id="junk"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_malformed_form_is_an_invalid_invite_and_no_fault(service: Service, body: str) -> None:
    answer = call(service, "POST", "/connect/team/ads", body=body, headers=FORM)
    assert answer["statusCode"] == 403


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(base64.b64encode(b"\xff\xfe\xfd").decode(), id="no UTF-8"),
        pytest.param("A", id="no base64"),
    ],
)
def test_a_body_that_is_no_text_is_an_invalid_invite_and_no_fault(service: Service, body: str) -> None:
    answer = call(service, "POST", "/connect/team/ads", body=body, headers=FORM, isBase64Encoded=True)
    assert answer["statusCode"] == 403


def test_a_post_without_a_body_is_an_invalid_invite(service: Service) -> None:
    assert call(service, "POST", "/connect/team/ads")["statusCode"] == 403


def test_a_callback_with_an_endless_number_is_no_fault() -> None:
    query = {"error": "x", "error_description": f"AADSTS{'9' * 5000}"}
    assert call(Service(), "GET", "/callback", query)["statusCode"] == 400
