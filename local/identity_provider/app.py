"""The Flask app, with all blueprints on one provider."""

from __future__ import annotations

from flask import Flask, Response

from local.identity_provider import access_check, ads_api, authorize_page, control_api, metadata, token_endpoint
from local.identity_provider.provider import EXTENSION, Provider

MAX_BODY_BYTES = 64 * 1024
"""Far more than any request here needs."""

SECURITY_HEADERS = {
    # No form-action: browsers also apply it to the redirect that follows the form, which goes to the app.
    "Content-Security-Policy": ("default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def create_app(provider: Provider | None = None) -> Flask:
    """Return the app on the given provider, or on a new one."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.extensions[EXTENSION] = provider or Provider()
    for module in (access_check, ads_api, authorize_page, control_api, metadata, token_endpoint):
        app.register_blueprint(module.blueprint)
    app.register_blueprint(ads_api.blueprint, name=ads_api.SANDBOX, url_prefix=ads_api.SANDBOX_PREFIX)
    app.add_url_rule("/health", view_func=health)
    app.after_request(_harden)
    return app


def health() -> dict[str, str]:
    """Say that the server is up."""
    return {"status": "ok"}


def _harden(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype != "text/css":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
