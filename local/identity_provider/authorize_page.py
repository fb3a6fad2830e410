"""The authorization endpoint: the account chooser, and the redirect with a code or an error.

`/{tenant}/oauth2/v2.0/authorize` is Microsoft's, and `/{provider}/authorize` that of an entry of the catalogue.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request

from local.identity_provider import authorize_request, errors
from local.identity_provider.catalogue import served
from local.identity_provider.dialect import Dialect, dialect_of
from local.identity_provider.faults import FaultKind, Place
from local.identity_provider.journal import SIGNED_IN, Authorization, rfc3339
from local.identity_provider.people import PEOPLE, chooser_order
from local.identity_provider.provider import Provider, current

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.identity_provider.people import Person
    from local.identity_provider.records import App, AuthorizationRequest

blueprint = Blueprint("authorize", __name__)

REFUSALS = {
    FaultKind.AUTHORIZE_CONSENT_REQUIRED: errors.CONSENT_NEEDED,
    FaultKind.AUTHORIZE_INTERACTION_REQUIRED: errors.MFA_NEEDED_TO_SIGN_IN,
    FaultKind.AUTHORIZE_LOGIN_REQUIRED: errors.SIGN_IN_NEEDED,
    FaultKind.AUTHORIZE_ADMIN_CONSENT_REQUIRED: errors.ADMIN_CONSENT_NEEDED,
    FaultKind.AUTHORIZE_SERVER_ERROR: errors.SERVER_ERROR,
    FaultKind.AUTHORIZE_TEMPORARILY_UNAVAILABLE: errors.TRANSIENT,
}


@blueprint.route("/<tenant>/oauth2/v2.0/authorize", methods=["GET", "POST"])
def choose(tenant: str) -> Response:
    """Answer an authorize request at Microsoft's address, or the click on its page."""
    return _handle(dialect_of(""), tenant)


@blueprint.route("/<provider>/authorize", methods=["GET", "POST"])
def choose_at_provider(provider: str) -> Response:
    """Answer an authorize request at the address of an entry of the catalogue, or the click on its page."""
    if provider not in served():
        abort(404)
    return _handle(dialect_of(provider), "")


def _handle(dialect: Dialect, tenant: str) -> Response:
    """Show the account chooser, redirect at once if nobody has to choose, or handle the clicked button.

    A click is checked like the request before it, because the form can be forged.
    """
    answered = request.method == "POST"
    sent = (request.form if answered else request.args).to_dict()
    provider = current()
    with provider.lock:
        try:
            known = provider.authority.app(sent.get("client_id"), dialect.provider)
            app = authorize_request.addressee(sent, known, tenant)
        except errors.RefusedError as error:
            return _problem_page(provider, error)
        entry = _entry(provider, sent)
        try:
            wanted = authorize_request.read(sent, app, dialect, tenant)
            person = _chosen_person(sent) if answered else _person_without_asking(sent, app)
            if person is not None:
                entry = replace(entry, account=person.username)
                code = _sign_in(provider, wanted, person)
                entry = replace(entry, outcome=SIGNED_IN)
                return _leave(authorize_request.redirect_code(wanted, code))
        except errors.RefusedError as error:
            entry = replace(entry, outcome=error.outcome)
            return _leave(authorize_request.redirect_error(sent, *dialect.error(error, provider.authority.now())))
        finally:
            provider.authorizations.add(app.client_id, entry)
    return _chooser_page(sent, wanted)


def _entry(provider: Provider, sent: Mapping[str, str]) -> Authorization:
    return Authorization(
        at=rfc3339(provider.authority.now()),
        scope=sent.get("scope"),
        prompt=sent.get("prompt"),
        login_hint=sent.get("login_hint"),
        claims=sent.get("claims"),
    )


def _person_without_asking(sent: Mapping[str, str], app: App) -> Person | None:
    """Return the app's auto account, if it has one.

    Raises:
        RefusedError: `prompt=none`. The stand-in keeps no browser sessions, so nobody is already signed in.
    """
    if "none" in sent.get("prompt", "").split():
        raise errors.RefusedError(errors.SIGN_IN_NEEDED)
    return PEOPLE[app.auto_account] if app.auto_account else None


def _chosen_person(sent: Mapping[str, str]) -> Person:
    """Return the chosen person. Cancel, or a name that is not in the list, declines."""
    person = PEOPLE.get(sent.get("account", ""))
    if person is None:
        raise errors.RefusedError(errors.DECLINED)
    return person


def _sign_in(provider: Provider, wanted: AuthorizationRequest, person: Person) -> str:
    """Return the code for a person who agreed.

    Raises:
        RefusedError: A fault was queued. It also leaves a claims challenge in place.
    """
    client_id = wanted.app.client_id
    fault = provider.faults.take(client_id, Place.AUTHORIZE)
    if fault:
        raise errors.RefusedError(
            REFUSALS[fault.kind], outcome=fault.kind, client_id=client_id, resource=errors.ADS_RESOURCE
        )
    provider.faults.meet(client_id, wanted.claims)
    return provider.authority.sign_in(wanted, person)


def _leave(url: str) -> Response:
    response = make_response(redirect(url, 302))
    # Werkzeug repeats the URL, which holds the code, in a body that nobody reads.
    response.set_data(b"")
    return response


def _chooser_page(sent: Mapping[str, str], wanted: AuthorizationRequest) -> Response:
    carried = {name: sent[name] for name in authorize_request.FIELDS if name in sent}
    return make_response(
        render_template(
            "choose.html",
            action=request.path,
            carried=carried,
            people=chooser_order(sent.get("login_hint")),
            client_id=wanted.app.client_id,
            scope=wanted.scope,
            redirect_uri=wanted.redirect_uri,
        )
    )


def _problem_page(provider: Provider, error: errors.RefusedError) -> Response:
    body = error.body(provider.authority.now())
    return make_response(render_template("problem.html", message=str(error), body=body), 400)
