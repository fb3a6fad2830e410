"""`/{tenant}/oauth2/v2.0/authorize`: the account chooser, and the redirect with what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, make_response, redirect, render_template, request

from local.identity_provider import authorize_request, errors
from local.identity_provider.people import PEOPLE, chooser_order
from local.identity_provider.provider import Provider, current

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.identity_provider.people import Person
    from local.identity_provider.records import AuthorizationRequest

blueprint = Blueprint("authorize", __name__)


@blueprint.get("/<tenant>/oauth2/v2.0/authorize")
def choose(tenant: str) -> Response:
    """Show the account chooser, or answer at once where no person is to be asked."""
    return _handle(tenant, request.args.to_dict(), answered=False)


@blueprint.post("/<tenant>/oauth2/v2.0/authorize")
def chosen(tenant: str) -> Response:
    """Take the button that was clicked; the request is checked anew, the form is no proof."""
    return _handle(tenant, request.form.to_dict(), answered=True)


def _handle(tenant: str, sent: Mapping[str, str], *, answered: bool) -> Response:
    provider = current()
    with provider.lock:
        try:
            app = authorize_request.addressee(sent, provider.authority.app(sent.get("client_id")), tenant)
        except errors.RefusedError as error:
            return _problem_page(provider, error)
        try:
            wanted = authorize_request.read(sent, app, tenant)
            if answered:
                return _sign_in(provider, wanted, _chosen_person(sent))
            _check_prompt(sent)
            if app.auto_account:
                return _sign_in(provider, wanted, PEOPLE[app.auto_account])
        except errors.RefusedError as error:
            description = error.body(provider.authority.now())["error_description"]
            return _leave(authorize_request.redirect_error(sent, error, description))
    return _chooser_page(tenant, sent, wanted)


def _check_prompt(sent: Mapping[str, str]) -> None:
    """Refuse `prompt=none`: the stand-in keeps no browser session, so nobody is ever signed in already."""
    if "none" in sent.get("prompt", "").split():
        raise errors.RefusedError(errors.SIGN_IN_NEEDED)


def _chosen_person(sent: Mapping[str, str]) -> Person:
    """Return who was clicked; Cancel, like any other answer that names nobody, is a refusal."""
    person = PEOPLE.get(sent.get("account", ""))
    if person is None:
        raise errors.RefusedError(errors.DECLINED)
    return person


def _sign_in(provider: Provider, wanted: AuthorizationRequest, person: Person) -> Response:
    return _leave(authorize_request.redirect_code(wanted, provider.authority.sign_in(wanted, person)))


def _leave(url: str) -> Response:
    response = make_response(redirect(url, 302))
    # Werkzeug repeats the URL, and with it the code, in a body that nobody reads.
    response.set_data(b"")
    return response


def _chooser_page(tenant: str, sent: Mapping[str, str], wanted: AuthorizationRequest) -> Response:
    carried = {name: sent[name] for name in authorize_request.FIELDS if name in sent}
    return make_response(
        render_template(
            "choose.html",
            tenant=tenant,
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
