"""The control API under `/_control`, for the local stack and for tests. Requests and answers are JSON.

`PUT    /_control/apps/{client_id}` registers an app, or replaces its settings and keeps its grants::

    {"redirect_uris": ["http://localhost:8080/callback"],  required
     "client_secret": "…",                                 without one: a public client, which must use PKCE
     "newer_client_secret": "…",                           valid beside the other one
     "provider": "xero",                                   an entry of the catalogue; without one: Microsoft
     "certificate": "-----BEGIN CERTIFICATE-----…",        its key may sign client assertions
     "rotation": "microsoft" | "strict" | "none",          without one: what the entry says
     "access_token_lifetime_seconds": 3600,
     "refresh_token_lifetime_seconds": 7776000,
     "expires_in_as_string": false,
     "auto_account": "ads-owner@example.com"}              authorize answers at once, as if this was clicked

`POST   …/revoke` revokes every grant of the app, or with `{"username": …}` one person's: `{"revoked": 1}`.
`POST   …/expire` makes its refresh tokens expire: `{"expired": 1}`.
`POST   …/faults` queues a fault: `{"fault": …, "times": 1, "seconds": 30}`; `times` null means "until cleared".
    `faults` has the kinds and the meaning of `seconds`. Requests meet the first fault until its count is used up.
    `ads_error` also takes a `code`, one of `ads_errors.ON_DEMAND`. `claims_challenge` takes no other field: it lasts
    until a person signs in with an authorize request that carries exactly the `claims` of this answer.
`DELETE …/faults` clears the queue: `{"cleared": 1}`.
`GET    …/journal` lists the app's token requests and their outcomes, in order (see `journal.Event`).
`GET    …/authorizations` lists the app's authorize requests, in order (see `journal.Authorization`).
`PUT    …/accounts/{account_id}` sets the status of an ads account: `{"life_cycle_status": "Suspended"}`.
    Only this app sees it. Without it, the account is `Active`.
`GET    …/grants` returns the fingerprint and the status of the newest refresh token, and every grant::

    {"newest_refresh_token": "0123456789ab" | null, "status": "active" | "expired" | "revoked" | null,
     "grants": [{"username": …, "scope": …, "issued_at": …, "newest_refresh_token": …, "status": …}]}

Bad input is 400 `{"error": "bad_input", "field": …, "message": …}`; an app that is not registered is 404.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from local.identity_provider import control_input
from local.identity_provider.control_input import BadInputError
from local.identity_provider.journal import rfc3339
from local.identity_provider.provider import Provider, current

if TYPE_CHECKING:
    from local.identity_provider.records import App, Grant

blueprint = Blueprint("control", __name__, url_prefix="/_control/apps/<client_id>")


class UnknownAppError(Exception):
    """The app in the path is not registered."""


@blueprint.before_request
def refuse_browsers() -> tuple[Response, int] | None:
    """Refuse requests from web pages, so that a page in a developer's browser cannot use this API."""
    if "Origin" in request.headers:
        return jsonify(error="forbidden", message="The control API is not for web pages."), 403
    return None


@blueprint.errorhandler(BadInputError)
def bad_input(error: BadInputError) -> tuple[Response, int]:
    """Answer with the name of the field."""
    return jsonify(error="bad_input", field=error.field, message=error.message), 400


@blueprint.errorhandler(UnknownAppError)
def unknown_app(_: UnknownAppError) -> tuple[Response, int]:
    """Say how to register an app."""
    return jsonify(error="unknown_app", message="Register the app with a PUT first."), 404


@blueprint.put("")
def put_app(client_id: str) -> Response:
    """Register an app, and answer with its settings without the secrets."""
    provider = current()
    app = control_input.app(client_id, _body(), provider.defaults)
    with provider.lock:
        provider.authority.register(app)
    return jsonify(_settings(app))


@blueprint.post("/revoke")
def revoke(client_id: str) -> Response:
    """Revoke grants."""
    username = control_input.username(_body())
    provider = current()
    with provider.lock:
        _registered(provider, client_id)
        return jsonify(revoked=provider.authority.revoke(client_id, username))


@blueprint.post("/expire")
def expire(client_id: str) -> Response:
    """Make refresh tokens expire."""
    control_input.nothing(_body())
    provider = current()
    with provider.lock:
        _registered(provider, client_id)
        return jsonify(expired=provider.authority.expire(client_id))


@blueprint.post("/faults")
def add_fault(client_id: str) -> Response:
    """Queue a fault."""
    fault = control_input.fault(_body())
    provider = current()
    with provider.lock:
        _registered(provider, client_id)
        provider.faults.add(client_id, fault)
    return jsonify(fault=fault.kind, times=fault.times, seconds=fault.seconds, code=fault.ads_code, claims=fault.claims)


@blueprint.delete("/faults")
def clear_faults(client_id: str) -> Response:
    """Clear the queue of faults."""
    provider = current()
    with provider.lock:
        _registered(provider, client_id)
        return jsonify(cleared=provider.faults.clear(client_id))


@blueprint.get("/journal")
def journal(client_id: str) -> Response:
    """Return the app's token requests and their outcomes."""
    provider = current()
    with provider.lock:
        _registered(provider, client_id)
        return jsonify(provider.journal.of(client_id))


@blueprint.get("/authorizations")
def authorizations(client_id: str) -> Response:
    """Return the app's authorize requests and their outcomes."""
    provider = current()
    with provider.lock:
        _registered(provider, client_id)
        return jsonify(provider.authorizations.of(client_id))


@blueprint.put("/accounts/<account_id>")
def put_account(client_id: str, account_id: str) -> Response:
    """Set the life-cycle status of an ads account, for this app only."""
    status = control_input.life_cycle(account_id, _body())
    provider = current()
    with provider.lock:
        _registered(provider, client_id)
        provider.life_cycles[client_id, account_id] = status
    return jsonify(account_id=account_id, life_cycle_status=status)


@blueprint.get("/grants")
def grants(client_id: str) -> Response:
    """Return the app's grants, and the fingerprint of its newest refresh token."""
    provider = current()
    with provider.lock:
        _registered(provider, client_id)
        newest = provider.authority.grants.newest(client_id)
        head = _grant(provider, newest) if newest else {"newest_refresh_token": None, "status": None}
        return jsonify(
            newest_refresh_token=head["newest_refresh_token"],
            status=head["status"],
            grants=[_grant(provider, one) for one in provider.authority.grants.of(client_id)],
        )


def _registered(provider: Provider, client_id: str) -> None:
    if provider.authority.app(client_id) is None:
        raise UnknownAppError


def _body() -> dict[str, Any]:
    """Return the JSON object in the request; without a body it is empty."""
    body = request.get_json(force=True, silent=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise BadInputError("body", "must be a JSON object")
    return body


def _settings(app: App) -> dict[str, Any]:
    lifetime = app.refresh_token_lifetime
    return {
        "client_id": app.client_id,
        **({"provider": app.provider} if app.provider else {}),
        "public": app.is_public,
        "redirect_uris": list(app.redirect_uris),
        "rotation": app.rotation,
        "access_token_lifetime_seconds": int(app.access_token_lifetime.total_seconds()),
        "refresh_token_lifetime_seconds": int(lifetime.total_seconds()) if lifetime else None,
        "expires_in_as_string": app.expires_in_as_string,
        "auto_account": app.auto_account,
    }


def _grant(provider: Provider, grant: Grant) -> dict[str, Any]:
    return {
        "username": grant.person.username,
        "scope": " ".join(grant.scope),
        "issued_at": rfc3339(grant.issued_at),
        "newest_refresh_token": grant.newest[:12] if grant.newest else None,
        "status": provider.authority.grants.status(grant, provider.authority.now()),
    }
