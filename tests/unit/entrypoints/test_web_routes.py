"""The HTTP routes, by API Gateway's payloads of version 2.0."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from token_refresher.base.sensitive import Sensitive
from token_refresher.base.version import __version__
from token_refresher.base.words import MICROSOFT
from token_refresher.consent.pending import cookie_key, digest
from token_refresher.consent.result import ConsentEndedError, ConsentOutcome, ConsentResult
from token_refresher.consent.service import AuthorizationRedirect, AuthorizationResponse, LandingPage
from token_refresher.entrypoints.observability import metrics
from token_refresher.entrypoints.web.pages import Pages, security_headers
from token_refresher.entrypoints.web.routes import routes
from token_refresher.invites.links import ConnectLinks
from token_refresher.providers.authorization import SignInOptions

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
HTTPS, HTTP = "https://connect.example.com", "http://localhost:8080"
CANARY = "canary-5e17"
AUTHORIZE = "https://login.example.com/common/oauth2/v2.0/authorize?state=x"
COOKIE = "__Host-consent-" + cookie_key(digest(Sensitive("the-state")))
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class Service:
    """A consent service that records its calls, and returns or raises what the test sets."""

    answer: ConsentResult = field(default_factory=lambda: ConsentResult(ConsentOutcome.UNKNOWN_STATE))
    error: Exception | None = None
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def _ask(self, *arguments: Any) -> None:
        self.asked.append(arguments)
        if self.error is not None:
            raise self.error

    def landing(self, name: str, invite: str) -> LandingPage:
        self._ask(name, invite)
        return LandingPage(name, MICROSOFT, "1234567", "", "")

    def start(self, name: str, invite: str, wish: SignInOptions) -> AuthorizationRedirect:
        self._ask(name, invite, wish)
        return AuthorizationRedirect(AUTHORIZE, Sensitive("the-cookie"), "the-key")

    def complete(self, arrival: AuthorizationResponse, time_left: Callable[[], timedelta]) -> ConsentResult:
        self._ask(arrival)
        return self.answer


@pytest.fixture(autouse=True)
def _no_metric_stays() -> Any:
    yield
    metrics.clear_metrics()


@pytest.fixture
def service() -> Service:
    return Service()


def call(
    service: Service,
    method: str,
    path: str,
    query: dict[str, str] | None = None,
    public_url: str = HTTPS,
    **more: Any,
) -> dict[str, Any]:
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": {"host": "connect.example.com"},
        "requestContext": {"stage": "$default", "http": {"method": method, "path": path}},
        "isBase64Encoded": False,
        **({"queryStringParameters": query} if query else {}),
        **more,
    }
    links = ConnectLinks(lambda: [Sensitive("planted-key")], public_url, timedelta(days=7), lambda: AT)
    app = routes(service, Pages(links), public_url)  # type: ignore[arg-type] # It has the three methods.
    answer: dict[str, Any] = app.resolve(event, None)  # type: ignore[arg-type] # No route looks at the context.
    return answer


def arrival(service: Service) -> AuthorizationResponse:
    (asked,) = service.asked[0]
    assert isinstance(asked, AuthorizationResponse)
    return asked


def post(
    service: Service,
    form: dict[str, str],
    public_url: str = HTTPS,
    *,
    encoded: bool = False,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    body = urlencode(form)
    if encoded:
        body = base64.b64encode(body.encode()).decode()
    path = "/connect/team/ads"
    return call(
        service, "POST", path, public_url=public_url, headers=headers or FORM, body=body, isBase64Encoded=encoded
    )


def test_health_says_the_version(service: Service) -> None:
    answer = call(service, "GET", "/health")
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"status": "ok", "version": __version__})


def test_the_landing_page_is_for_the_name_and_the_invite(service: Service) -> None:
    answer = call(service, "GET", "/connect/team/ads", {"invite": "the-invite"})
    assert answer["statusCode"] == 200
    assert service.asked == [("team/ads", "the-invite")]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        pytest.param("/connect/ads", "ads", id="a plain name"),
        pytest.param("/connect/team/ads/eu", "team/ads/eu", id="a name with slashes"),
        pytest.param("/connect/team%2Fads", "team/ads", id="an escaped slash"),
        pytest.param("/connect/a%2Bb%3Dc.d%40e-f_g", "a+b=c.d@e-f_g", id="odd characters, escaped"),
        pytest.param("/connect/a+b=c.d@e-f_g", "a+b=c.d@e-f_g", id="odd characters, as API Gateway unescapes them"),
        pytest.param("/connect/team/connect/ads", "team/connect/ads", id="a name with the route in it"),
    ],
)
def test_the_name_is_the_rest_of_the_path(service: Service, path: str, name: str) -> None:
    call(service, "GET", path)
    assert service.asked == [(name, "")]


def test_the_name_is_the_same_behind_a_stage(service: Service) -> None:
    context = {"stage": "live", "http": {"method": "GET"}}
    call(service, "GET", "/live/connect/team/ads", requestContext=context)
    assert service.asked == [("team/ads", "")]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/connect/team/ads"), ("GET", "/callback")], ids=["landing", "callback"]
)
def test_every_page_has_the_security_headers(service: Service, method: str, path: str) -> None:
    headers = call(service, method, path)["headers"]
    assert {**headers, **security_headers()} == headers
    assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_the_landing_page_sets_no_cookie(service: Service) -> None:
    """It consumes nothing: mail scanners open links."""
    assert call(service, "GET", "/connect/team/ads").get("cookies") == []


@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "as API Gateway encodes it"])
def test_the_button_sends_the_browser_to_microsoft(service: Service, *, encoded: bool) -> None:
    answer = post(service, {"invite": "the-invite"}, encoded=encoded)
    assert (answer["statusCode"], answer["headers"]["Location"], answer["body"]) == (303, AUTHORIZE, "")
    assert {**answer["headers"], **security_headers()} == answer["headers"]
    assert service.asked == [("team/ads", "the-invite", SignInOptions())]


def test_the_sign_in_options_of_a_page_are_passed_on(service: Service) -> None:
    form = {"invite": "x", "prompt": "consent", "accepted": "object-1", "login_hint": "ads-owner@example.com"}
    post(service, form)
    assert service.asked[0][2] == SignInOptions("consent", "object-1", "ads-owner@example.com")


def test_a_page_may_ask_for_no_login_hint(service: Service) -> None:
    post(service, {"invite": "x", "login_hint": ""})
    assert service.asked[0][2] == SignInOptions(login_hint="")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_that_another_site_sends_shows_the_landing_page_and_starts_nothing(service: Service, site: str) -> None:
    answer = post(service, {"invite": "the-invite"}, headers={**FORM, "sec-fetch-site": site})
    assert (answer["statusCode"], answer["cookies"], "Location" in answer["headers"]) == (200, [], False)
    assert "Continue to Microsoft" in answer["body"]
    assert service.asked == [("team/ads", "the-invite")]


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_form_that_the_landing_page_sends_starts_a_consent(service: Service, site: str) -> None:
    assert post(service, {}, headers={**FORM, "sec-fetch-site": site})["statusCode"] == 303


@pytest.mark.parametrize(
    ("public_url", "name", "secure"),
    [
        pytest.param(HTTPS, "__Host-consent-the-key", True, id="over https, for this very host alone"),
        pytest.param(HTTP, "consent-the-key", False, id="over http on one machine"),
    ],
)
def test_the_cookie_is_for_this_browser_alone(service: Service, public_url: str, name: str, *, secure: bool) -> None:
    (cookie,) = post(service, {}, public_url)["cookies"]
    pair, *attributes = cookie.split("; ")
    assert pair == f"{name}=the-cookie"
    assert ("Secure" in attributes) is secure
    assert {"Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=4200"} <= set(attributes)
    assert "Domain" not in cookie


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_start_shows_its_page_and_does_not_redirect(service: Service, method: str) -> None:
    service.error = ConsentEndedError(ConsentResult(ConsentOutcome.EXPIRED_INVITE, "team/ads"))
    answer = call(service, method, "/connect/team/ads", body="")
    assert (answer["statusCode"], answer["cookies"], "Location" in answer["headers"]) == (410, [], False)
    assert "expired" in answer["body"]


def test_the_callback_passes_the_code_and_the_cookie(service: Service) -> None:
    cookies = ["other=1", "__Host-consent-0=of-another-tab", f"{COOKIE}=the-cookie"]
    answer = call(service, "GET", "/callback", {"code": "the-code", "state": "the-state"}, cookies=cookies)
    asked = arrival(service)
    assert (asked.code, asked.state, asked.cookie) == tuple(map(Sensitive, ("the-code", "the-state", "the-cookie")))
    assert (answer["statusCode"], answer["cookies"]) == (400, [])


@pytest.mark.parametrize(
    "cookies",
    [
        pytest.param([], id="none"),
        pytest.param(["other=1"], id="another"),
        pytest.param(["__Host-consent-0123456789abcdef=the-cookie"], id="of another consent"),
        pytest.param(["__Host-consent=the-cookie"], id="of no consent"),
        pytest.param([f"{COOKIE.removeprefix('__Host-')}=the-cookie"], id="without the prefix"),
        pytest.param([f"x{COOKIE}=the-cookie"], id="with something before"),
    ],
)
def test_a_browser_without_the_cookie_brings_an_empty_one(service: Service, cookies: list[str]) -> None:
    call(service, "GET", "/callback", {"code": "c", "state": "the-state"}, cookies=cookies)
    assert arrival(service).cookie == Sensitive("")


def test_the_callback_passes_the_facts_of_an_error(service: Service) -> None:
    query = {"error": "access_denied", "error_description": "AADSTS65004: said no", "state": "the-state"}
    call(service, "GET", "/callback", query)
    asked = arrival(service)
    assert (asked.code, asked.failure.error, asked.failure.codes) == (None, "access_denied", (65004,))


def test_an_error_outranks_a_code(service: Service) -> None:
    call(service, "GET", "/callback", {"error": "access_denied", "code": "the-code", "state": "s"})
    assert arrival(service).code is None


def test_a_bare_callback_brings_nothing(service: Service) -> None:
    call(service, "GET", "/callback")
    asked = arrival(service)
    assert (asked.code, asked.state, asked.failure.error) == (None, Sensitive(""), "")


def test_the_result_of_a_callback_is_its_page(service: Service) -> None:
    service.answer = ConsentResult(ConsentOutcome.CONNECTED, "team/ads", at="2026-01-31T10:00:00Z")
    answer = call(service, "GET", "/callback", {"code": "c", "state": "s"})
    assert answer["statusCode"] == 200
    assert "team/ads" in answer["body"]


@pytest.mark.parametrize(
    ("query", "status", "heading"),
    [
        pytest.param({}, 200, "Your organization has accepted", id="accepted"),
        pytest.param({"error": "consent_required"}, 400, "Your organization has not accepted", id="not accepted"),
    ],
)
def test_an_administrator_who_comes_back_gets_a_page_and_the_service_is_not_called(
    service: Service, query: dict[str, str], status: int, heading: str
) -> None:
    """A state in the request, known or not, is neither taken nor read."""
    sent = {"admin_consent": "True", "tenant": f"<b>{CANARY}</b>", "state": "the-state", **query}
    answer = call(service, "GET", "/callback", sent)
    assert (answer["statusCode"], heading in answer["body"], service.asked) == (status, True, [])
    assert CANARY not in json.dumps(answer)
