"""Runs Airbyte's ``source-bing-ads`` on the token alone.

    python -m token_refresher_client.airbyte acme-ads read --config config.json --catalog catalog.json

The first argument is the name of the credential; the others are those of the source. The source asks for tokens in two
places, with the SDK and with Airbyte's own HTTP client, and both get them from the reader. Its configuration needs a
``client_id``, a ``client_secret`` and a ``refresh_token``, which are filled in with a text that is none, whatever the
configuration says. ``developer_token`` comes from the secret, if the configuration does not say it.
"""

import sys
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any, Final

from airbyte_cdk.sources.declarative.auth.oauth import DeclarativeOauth2Authenticator
from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets
from source_bing_ads import SourceBingAds, client, run

from token_refresher_client.bingads import TokenReaderAuthentication
from token_refresher_client.reader import TokenReader

_UNUSED: Final = "kept-by-token-refresher"
"""In place of what the source insists on and must not have."""

_OAUTH: Final = {"client_id": _UNUSED, "client_secret": _UNUSED, "refresh_token": _UNUSED}


def install(reader: TokenReader) -> None:
    """Make the source use a reader, for the rest of the process."""
    read_config: Callable[[str], MutableMapping[str, Any]] = SourceBingAds.read_config

    def without_oauth(path: str) -> MutableMapping[str, Any]:
        developer_token = reader.token().account.developer_token
        known = {"developer_token": developer_token} if developer_token else {}
        return {"auth_method": "oauth2.0", "tenant_id": "common", **known, **read_config(path), **_OAUTH}

    def get_access_token(_: DeclarativeOauth2Authenticator) -> str:
        token = reader.token().access_token
        add_to_secrets(token)  # Airbyte then replaces it in its logs.
        return token

    SourceBingAds.read_config = staticmethod(without_oauth)
    DeclarativeOauth2Authenticator.get_access_token = get_access_token
    client.OAuthWebAuthCodeGrant = lambda **_: TokenReaderAuthentication(reader)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the source with the arguments of the command line."""
    name, *others = sys.argv[1:] if arguments is None else arguments
    install(TokenReader(name))
    sys.argv = ["source-bing-ads", *others]
    run.run()


if __name__ == "__main__":
    main()
