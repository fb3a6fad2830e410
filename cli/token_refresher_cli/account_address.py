"""The advertising account in an address that was copied from the browser."""

import re
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import SplitResult, parse_qs, urlsplit

from token_refresher_cli import shapes
from token_refresher_cli.errors import bad_input

_HOSTS: Final = (".ads.microsoft.com", ".bingads.microsoft.com")
_IN_THE_FRAGMENT = re.compile(r"/?customer/(?P<cid>[^/?]+)/account/(?P<aid>[^/?]+)")


@dataclass(frozen=True)
class AccountAddress:
    """What the address of a page of Microsoft Advertising says of the account.

    The ids are in the query (``?aid=…&cid=…``), in the fragment (``#/customer/{cid}/account/{aid}/campaign``), or both.
    Source: https://learn.microsoft.com/advertising/guides/get-started#get-ids

    Attributes:
        account_id: The account.
        customer_id: The customer that it belongs to, or ``None`` where the address does not say it.
    """

    account_id: str
    customer_id: str | None

    @staticmethod
    def is_meant(text: str) -> bool:
        """Tell whether a text is an address, and no id."""
        return "/" in text or "=" in text

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address.

        Raises:
            CommandError: It is no address of Microsoft Advertising, or names no account, or two.
        """
        given = text.strip()
        step = "Open the campaigns page of the account in Microsoft Advertising, and copy the whole address bar."
        try:
            parts = urlsplit(given if "://" in given else f"https://{given}")
            host = f".{parts.hostname or ''}"
        except ValueError:
            parts, host = urlsplit(""), ""
        if not host.endswith(_HOSTS):
            raise bad_input("The address of the account is none of Microsoft Advertising.", step)
        accounts, customers = _said(parts, "aid"), _said(parts, "cid")
        if not accounts:
            raise bad_input("The address names no account: there is no aid= in it.", step)
        if len(accounts) > 1 or len(customers) > 1:
            raise bad_input("The address names two accounts, one before the # and one behind it.", step)
        customer = shapes.customer_id(customers.pop()) if customers else None
        return cls(shapes.account_id(accounts.pop()), customer)


def _said(parts: SplitResult, key: str) -> set[str]:
    """Return all that an address says behind a key; the page in a fragment has a query of its own."""
    queries = (parts.query, parts.fragment.partition("?")[2])
    path = _IN_THE_FRAGMENT.search(parts.fragment)
    return {value for query in queries for value in parse_qs(query).get(key, [])} | ({path[key]} if path else set())
