"""The HTTP routes: parse a request, call the consent service, return a page. Errors become pages here."""

from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response, content_types

from token_refresher.base.errors import ServiceUnavailableError, VersionNotFoundError
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.version import __version__
from token_refresher.consent.admin_consent import admin_consent
from token_refresher.consent.pending import cookie_key, digest
from token_refresher.consent.result import ConsentEndedError, ConsentOutcome, ConsentResult
from token_refresher.consent.service import AuthorizationResponse, ConsentService
from token_refresher.entrypoints.invocation import time_left
from token_refresher.entrypoints.observability import report_fault
from token_refresher.entrypoints.web.cookies import ConsentCookies
from token_refresher.entrypoints.web.pages import Page, Pages, security_headers
from token_refresher.entrypoints.web.reports import report_ending
from token_refresher.providers.authorization import SignInOptions
from token_refresher.providers.refusal_facts import refusal_facts

_BAD_REQUEST: Final = 400

_LONGEST_OPTION: Final = 320
"""The length of the longest mail address (RFC 5321, section 4.5.3.1): these fields go into a URL and a table."""


def routes(service: ConsentService, pages: Pages, public_url: str) -> APIGatewayHttpResolver:
    """Return the resolver with the four routes of the callback function."""
    app = APIGatewayHttpResolver()
    cookies = ConsentCookies(secure=urlsplit(public_url).scheme == "https")

    @app.get("/health")
    def health() -> Response[str]:
        return Response(200, content_types.APPLICATION_JSON, f'{{"status":"ok","version":"{__version__}"}}')

    @app.get("/connect/.+")
    def landing() -> Response[str]:
        invite = app.current_event.query_string_parameters.get("invite", "")
        return _landing(service, pages, _name(app), invite)

    @app.post("/connect/.+")
    def start() -> Response[str]:
        name, form = _name(app), _form(app)
        invite = form.get("invite", [""])[0]
        if _is_from_elsewhere(app):
            # Another site that knows a link could send the form. The person has to press the button on this page.
            return _landing(service, pages, name, invite)
        try:
            redirect = service.start(name, invite, _options(form))
        except ConsentEndedError as ended:
            report_ending(ended.result)
            return _html(pages.ending(ended.result))
        headers = {**security_headers(), "Location": redirect.authorize_url}
        return Response(303, headers=headers, cookies=[cookies.of(redirect)], body="")

    @app.get("/callback")
    def callback() -> Response[str]:
        query = app.current_event.query_string_parameters
        code, state = query.get("code", ""), Sensitive(query.get("state", ""))
        error = {key: query.get(key, "") for key in ("error", "error_description")}
        response = AuthorizationResponse(
            state=state,
            cookie=cookies.returned(app.current_event, cookie_key(digest(state))),
            code=Sensitive(code) if code and not error["error"] else None,
            failure=refusal_facts(_BAD_REQUEST, error),
        )
        result = admin_consent(query) or service.complete(response, time_left(app.lambda_context))
        report_ending(result)
        return _html(pages.ending(result))

    def fault(error: Exception) -> Response[str]:
        report_fault(error)
        # Secrets Manager is eventually consistent: a new version may not be readable yet.
        if isinstance(error, ServiceUnavailableError | VersionNotFoundError):
            return _html(pages.ending(ConsentResult(ConsentOutcome.UNAVAILABLE)))
        return _html(pages.broken())

    def unknown_route(_: Exception) -> Response[str]:
        return _html(pages.unknown())

    app.exception_handler(Exception)(fault)
    app.not_found(unknown_route)
    return app


def _landing(service: ConsentService, pages: Pages, name: str, invite: str) -> Response[str]:
    try:
        page = pages.landing(service.landing(name, invite), invite)
    except ConsentEndedError as ended:
        report_ending(ended.result)
        page = pages.ending(ended.result)
    return _html(page)


def _is_from_elsewhere(app: APIGatewayHttpResolver) -> bool:
    """Tell whether another site sent this request, if the browser says so.

    ``Origin`` does not help: with this ``Referrer-Policy`` browsers send ``null`` for the pages of this service, too.

    Source: https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    return app.current_event.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}


def _name(app: APIGatewayHttpResolver) -> str:
    """Return the credential's name: the rest of the path after ``/connect/``, because names may have slashes."""
    return unquote(app.current_event.path).split("/connect/", 1)[1]


def _form(app: APIGatewayHttpResolver) -> dict[str, list[str]]:
    """Return the fields of a form; a malformed body has none."""
    try:
        return parse_qs(app.current_event.decoded_body or "", keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return {}


def _options(form: dict[str, list[str]]) -> SignInOptions:
    sent = {field: values[0][:_LONGEST_OPTION] for field, values in form.items()}
    return SignInOptions(sent.get("prompt", ""), sent.get("accepted", ""), sent.get("login_hint"))


def _html(page: Page) -> Response[str]:
    return Response(
        page.status, content_types.TEXT_HTML + "; charset=utf-8", page.html, headers=dict(security_headers())
    )
