"""Runs the singer tap ``tap-bing-ads`` on the token alone.

    python -m token_refresher_client.singer acme-ads --config config.json --discover

The first argument is the name of the credential; the others are those of the tap. The configuration needs no
``oauth_client_id``, ``oauth_client_secret`` or ``refresh_token``, and they are not used if it has them: the tap would
ask Microsoft for tokens with each of its clients, and a strict provider revokes what is refreshed in two places.
``customer_id``, ``account_ids`` and ``developer_token`` come from the secret, if the configuration does not say them.
"""

import sys
from collections.abc import Sequence
from typing import Any, Final

from token_refresher_client.bingads import TokenReaderAuthentication
from token_refresher_client.reader import TokenReader

_OAUTH: Final = frozenset({"oauth_client_id", "oauth_client_secret", "refresh_token"})
"""What the tap requires in order to refresh by itself."""


def install(tap: Any, reader: TokenReader) -> None:
    """Make a tap use a reader, for the rest of the process.

    Args:
        tap: The module ``tap_bing_ads``.
        reader: Where the token comes from.

    Raises:
        TokenReaderError: There is no fresh token to begin with.
    """
    account = reader.token().account
    known = {
        "customer_id": account.customer_id,
        "account_ids": account.account_id,
        "developer_token": account.developer_token,
    }
    # The tap puts its configuration on top of what is there.
    tap.CONFIG.update({key: value for key, value in known.items() if value})
    tap.REQUIRED_CONFIG_KEYS = [key for key in tap.REQUIRED_CONFIG_KEYS if key not in _OAUTH | tap.CONFIG.keys()]
    authentication = TokenReaderAuthentication(reader)
    tap.get_authentication = lambda: authentication


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the tap with the arguments of the command line."""
    name, *others = sys.argv[1:] if arguments is None else arguments
    import tap_bing_ads  # noqa: PLC0415 - It is no dependency of this package.

    install(tap_bing_ads, TokenReader(name))
    sys.argv = ["tap-bing-ads", *others]
    tap_bing_ads.main()


if __name__ == "__main__":
    main()
