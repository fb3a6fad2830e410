"""`python -m local.identity_provider --port 8081`."""

from __future__ import annotations

import argparse
import errno
import sys
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from local.identity_provider.app import create_app
from local.identity_provider.provider import DEFAULTS, Provider
from local.identity_provider.server import LOOPBACK, serve
from local.identity_provider.token_rules import Rotation

if TYPE_CHECKING:
    from local.identity_provider.records import App

USAGE_ERROR = 2


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return 2 if the port is not available."""
    options = _parser().parse_args(argv)
    provider = Provider(defaults=_defaults(options))
    if options.client_id:
        provider.authority.register(_app(options, provider.defaults))
    try:
        serve(create_app(provider), options.host, options.port)
    except OSError as error:
        print(_explain(error, options.host, options.port), file=sys.stderr)
        return USAGE_ERROR
    return 0


def _explain(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use: stop what listens there, or choose another --port."
    return f"Cannot listen on {host}, port {port}: {error.strerror}."


def _defaults(options: argparse.Namespace) -> App:
    return replace(
        DEFAULTS,
        rotation=Rotation(options.rotation),
        access_token_lifetime=timedelta(seconds=options.access_token_lifetime_seconds),
        refresh_token_lifetime=timedelta(seconds=options.refresh_token_lifetime_seconds),
        expires_in_as_string=options.expires_in_as_string,
    )


def _app(options: argparse.Namespace, defaults: App) -> App:
    return replace(
        defaults,
        client_id=options.client_id,
        client_secret=options.client_secret,
        redirect_uris=tuple(options.redirect_uri),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local.identity_provider",
        description="A local stand-in for the Microsoft identity platform and the Microsoft Advertising API.",
    )
    parser.add_argument("--host", default="127.0.0.1", choices=sorted(LOOPBACK), help="loopback only")
    parser.add_argument("--port", type=int, default=8081)
    defaults = parser.add_argument_group("settings of apps whose registration leaves them out")
    defaults.add_argument("--rotation", default=Rotation.MICROSOFT.value, choices=[one.value for one in Rotation])
    defaults.add_argument("--access-token-lifetime-seconds", type=_seconds, default=3600)
    defaults.add_argument("--refresh-token-lifetime-seconds", type=_seconds, default=90 * 24 * 3600)
    defaults.add_argument("--expires-in-as-string", action="store_true")
    app = parser.add_argument_group("an app to register at the start; without one, every client id is unknown")
    app.add_argument("--client-id")
    app.add_argument("--client-secret", help="left out: a public client")
    app.add_argument("--redirect-uri", action="append", default=[], help="may be given more than once")
    return parser


def _seconds(text: str) -> int:
    seconds = int(text)
    if seconds < 1:
        raise argparse.ArgumentTypeError("must be at least 1 second")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
