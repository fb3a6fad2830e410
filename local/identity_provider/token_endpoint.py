"""The token endpoint: exchanges codes and refresh tokens for new tokens.

`POST /{tenant}/oauth2/v2.0/token` is Microsoft's, and `POST /{provider}/token` that of an entry of the catalogue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, request

from local.identity_provider import errors, token_request, token_response
from local.identity_provider.authority import Shaping
from local.identity_provider.catalogue import served
from local.identity_provider.dialect import Dialect, dialect_of
from local.identity_provider.faults import Fault, FaultKind, Place
from local.identity_provider.journal import Event, rfc3339
from local.identity_provider.provider import Provider, current
from local.identity_provider.records import fingerprint

if TYPE_CHECKING:
    from local.identity_provider.records import App, Issued
    from local.identity_provider.token_request import TokenRequest

blueprint = Blueprint("token", __name__)


@blueprint.route("/<tenant>/oauth2/v2.0/token", methods=["GET", "POST"])
def token(tenant: str) -> Response:
    """Answer a token request at Microsoft's address."""
    return _respond(dialect_of(""), tenant)


@blueprint.route("/<provider>/token", methods=["GET", "POST"])
def token_of_provider(provider: str) -> Response:
    """Answer a token request at the address of an entry of the catalogue."""
    if provider not in served():
        abort(404)
    return _respond(dialect_of(provider), "")


def _respond(dialect: Dialect, tenant: str) -> Response:
    """Answer under the lock. A hanging request waits after it has released the lock."""
    provider, sent = current(), token_request.read(request, tenant)
    issuer_host = request.host_url.rstrip("/")
    with provider.lock:
        response, fault = _answer(provider, dialect, sent, issuer_host)
    if fault and fault.kind is FaultKind.HANG:
        provider.closing.wait(fault.seconds)
    return response


def _answer(
    provider: Provider, dialect: Dialect, sent: TokenRequest, issuer_host: str
) -> tuple[Response, Fault | None]:
    now = provider.authority.now()
    app = provider.authority.app(sent.client_id, dialect.provider)
    event = _event(provider, sent)
    fault = None
    try:
        app = token_request.check_form(sent, app)
        fault = provider.faults.take(app.client_id, *_places(sent))
        if fault and (response := token_response.instead_of_grant(fault, dialect, app.client_id, now)):
            provider.journal.add(app.client_id, event.with_outcome(fault.kind))
            return response, fault
        dialect.authenticate(sent, app, now)
        issued = _perform(provider, dialect, sent, app, fault)
    except errors.RefusedError as error:
        if app is not None:
            provider.journal.add(app.client_id, event.with_outcome(error.outcome))
        return dialect.refused(error, now), fault
    provider.journal.add(app.client_id, _issued_event(event, issued, fault))
    if fault and fault.kind is FaultKind.DROP_AFTER_ROTATING:
        return token_response.hang_up(), fault
    return dialect.granted(issued, issuer_host, fault), fault


def _places(sent: TokenRequest) -> tuple[Place, ...]:
    """Return the places whose faults this request meets."""
    redeems = sent.grant_type == "authorization_code"
    return (Place.TOKEN_ENDPOINT, Place.CODE_GRANT) if redeems else (Place.TOKEN_ENDPOINT,)


def _perform(provider: Provider, dialect: Dialect, sent: TokenRequest, app: App, fault: Fault | None) -> Issued:
    read_scope = sent.required if dialect.repeats_scope and sent.grant_type == "refresh_token" else sent.optional
    shaping = Shaping(
        withhold_refresh_token=fault is not None and fault.kind is FaultKind.OMIT_REFRESH_TOKEN,
        narrow_scope=fault is not None and fault.kind is FaultKind.NARROW_SCOPE,
    )
    match sent.required("grant_type"):
        case "authorization_code":
            return provider.authority.redeem_code(
                app,
                sent.tenant,
                sent.required("code"),
                redirect_uri=sent.optional("redirect_uri"),
                code_verifier=sent.optional("code_verifier"),
                scope=_scope(dialect, read_scope("scope")),
                shaping=shaping,
            )
        case "refresh_token":
            scope = _scope(dialect, read_scope("scope"))
            return provider.authority.refresh(app, sent.required("refresh_token"), scope=scope, shaping=shaping)
        case _:
            raise errors.RefusedError(errors.UNSUPPORTED_GRANT_TYPE)


def _scope(dialect: Dialect, sent: str | None) -> tuple[str, ...] | None:
    return None if sent is None else dialect.scopes(sent)


def _event(provider: Provider, sent: TokenRequest) -> Event:
    presented = sent.optional("refresh_token")
    return Event(
        at=rfc3339(provider.authority.now()),
        grant_type=sent.grant_type,
        outcome="",
        presented=fingerprint(presented) if presented else None,
    )


def _issued_event(event: Event, issued: Issued, fault: Fault | None) -> Event:
    return Event(
        at=event.at,
        grant_type=event.grant_type,
        outcome=fault.kind if fault else "issued",
        presented=event.presented,
        issued=fingerprint(issued.refresh_token) if issued.refresh_token else None,
        access_token=fingerprint(issued.access_token),
    )
