"""Every fault on demand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from local.identity_provider.records import fingerprint
from local.identity_provider.server import running
from tests.local.identity_provider.client_app import ClientApp, Clock, claims_of


def last(app: ClientApp) -> dict[str, Any]:
    return app.journal()[-1]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        pytest.param("temporarily_unavailable", 503, 90033, id="a transient error in JSON"),
        pytest.param("invalid_client_secret_id", 401, 7000215, id="the id of the secret as the secret"),
        pytest.param("client_secret_expired", 401, 7000222, id="all secrets of the app expired"),
    ],
)
def test_a_refusal_can_be_queued(app: ClientApp, fault: str, status: int, code: int) -> None:
    refresh_token = app.consent()["refresh_token"]
    app.control("faults", {"fault": fault})
    answer = app.refresh(refresh_token)
    assert (answer.status_code, answer.json()["error_codes"]) == (status, [code])
    assert last(app)["outcome"] == fault


def test_throttling_says_when_to_come_back_and_not_in_json(app: ClientApp) -> None:
    app.control("faults", {"fault": "throttle", "seconds": 17})
    answer = app.refresh("local-rt-x")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "17")
    assert answer.text == "Too Many Requests"


def test_a_server_error_is_a_page_of_html(app: ClientApp) -> None:
    app.control("faults", {"fault": "server_error"})
    answer = app.refresh("local-rt-x")
    assert (answer.status_code, answer.text[:15]) == (503, "<!DOCTYPE html>")


def test_an_answer_can_be_empty(app: ClientApp) -> None:
    app.control("faults", {"fault": "empty"})
    answer = app.refresh("local-rt-x")
    assert (answer.status_code, answer.content) == (200, b"")


def test_an_answer_can_lack_its_access_token(app: ClientApp) -> None:
    app.control("faults", {"fault": "no_access_token"})
    answer = app.refresh("local-rt-x")
    assert answer.status_code == 200
    assert "access_token" not in answer.json()


def test_an_answer_can_lack_its_refresh_token(app: ClientApp) -> None:
    app.control("faults", {"fault": "omit_refresh_token"})
    answer = app.redeem(app.code()).json()
    assert "refresh_token" not in answer
    assert last(app)["issued"] is None
    assert last(app)["access_token"] == fingerprint(answer["access_token"])


@pytest.mark.parametrize(
    ("fault", "code", "text"),
    [
        pytest.param("code_expired", 70008, "authorization code or refresh token has expired", id="of any account"),
        pytest.param("code_expired_personal", 70000, "The code has expired.", id="of a personal account"),
    ],
)
def test_a_code_can_have_expired(app: ClientApp, fault: str, code: int, text: str) -> None:
    app.control("faults", {"fault": fault})
    answer = app.redeem(app.code())
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (400, "invalid_grant", [code])
    assert text in body["error_description"]
    assert last(app)["outcome"] == fault


def test_an_id_token_can_have_the_nonce_of_another_sign_in(app: ClientApp) -> None:
    app.control("faults", {"fault": "wrong_nonce"})
    assert claims_of(app.consent()["id_token"])["nonce"] != "the-nonce"
    assert claims_of(app.consent()["id_token"])["nonce"] == "the-nonce"


def test_an_answer_can_lack_its_id_token(app: ClientApp) -> None:
    app.control("faults", {"fault": "no_id_token"})
    tokens = app.consent()
    assert "id_token" not in tokens
    assert tokens["refresh_token"]


@pytest.mark.parametrize("fault", ["code_expired", "code_expired_personal", "wrong_nonce", "no_id_token"])
def test_a_fault_of_a_code_does_not_meet_a_refresh(app: ClientApp, fault: str) -> None:
    refresh_token = app.consent()["refresh_token"]
    app.control("faults", {"fault": fault})
    assert app.refresh(refresh_token).status_code == 200
    assert last(app)["outcome"] == "issued"
    app.redeem(app.code())
    assert last(app)["outcome"] == fault


def test_a_grant_can_be_narrower_than_asked_and_the_ads_api_refuses_it(app: ClientApp) -> None:
    app.control("faults", {"fault": "narrow_scope"})
    tokens = app.consent()
    assert tokens["scope"] == "https://ads.microsoft.com/ads.manage openid profile"
    assert app.ads("User/Query", tokens["access_token"]).json()["Errors"][0]["Code"] == 105


def test_a_connection_can_drop_right_after_the_rotation(app: ClientApp) -> None:
    app.register(rotation="strict")
    presented = app.consent()["refresh_token"]
    app.control("faults", {"fault": "drop_after_rotating"})
    with pytest.raises(requests.ConnectionError):
        app.refresh(presented)
    assert last(app)["outcome"] == "drop_after_rotating"
    assert last(app)["issued"] == app.read("grants")["newest_refresh_token"]
    app.refresh(presented)
    assert last(app)["outcome"] == "reuse_detected"


def test_a_hanging_answer_delays_neither_other_requests_nor_the_stop(clock: Clock) -> None:
    with ThreadPoolExecutor(1) as pool, running(clock=clock) as url:
        app, other = ClientApp(url, clock).register(), ClientApp(url, clock).register()
        refresh_token = app.consent()["refresh_token"]
        app.control("faults", {"fault": "hang", "seconds": 3600})
        answer = pool.submit(app.refresh, refresh_token)
        other.consent()
        while last(app)["outcome"] != "hang":
            assert not answer.done()
        assert not answer.done()
    # The stop ends the wait, and the tokens that were issued before it are delivered.
    assert answer.result().json()["refresh_token"].startswith("local-rt-")


def test_a_fault_lasts_for_its_number_of_requests(app: ClientApp) -> None:
    refresh_token = app.consent()["refresh_token"]
    app.control("faults", {"fault": "throttle", "times": 2})
    assert [app.refresh(refresh_token).status_code for _ in range(3)] == [429, 429, 200]


def test_a_fault_without_a_count_lasts_until_it_is_cleared(app: ClientApp) -> None:
    refresh_token = app.consent()["refresh_token"]
    app.control("faults", {"fault": "server_error", "times": None})
    assert {app.refresh(refresh_token).status_code for _ in range(5)} == {503}
    cleared = requests.delete(f"{app.control_url}/faults", timeout=10)
    assert cleared.json() == {"cleared": 1}
    assert app.refresh(refresh_token).status_code == 200


def test_faults_come_in_the_order_in_which_they_were_queued(app: ClientApp) -> None:
    app.control("faults", {"fault": "throttle"})
    app.control("faults", {"fault": "server_error"})
    assert [app.refresh("local-rt-x").status_code for _ in range(3)] == [429, 503, 400]


def test_the_fault_of_one_app_is_not_the_fault_of_another(app: ClientApp) -> None:
    other = ClientApp(app.url, app.clock).register()
    app.control("faults", {"fault": "server_error", "times": None})
    assert other.consent()["access_token"]


def test_the_ads_api_can_be_unavailable_while_tokens_are_issued(app: ClientApp) -> None:
    app.control("faults", {"fault": "ads_unavailable"})
    tokens = app.consent()
    assert app.ads("User/Query", tokens["access_token"]).status_code == 503
    assert app.ads("User/Query", tokens["access_token"]).status_code == 200
