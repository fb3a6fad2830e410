"""The advertising account in an address copied from the browser."""

import re
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import SplitResult, parse_qs, urlsplit

from token_refresher_cli.shell.errors import bad_input
from token_refresher_cli.values import checks

_HOSTS: Final = (".ads.microsoft.com", ".bingads.microsoft.com")
_IN_THE_FRAGMENT = re.compile(r"/?customer/(?P<cid>[^/?]+)/account/(?P<aid>[^/?]+)")


@dataclass(frozen=True)
class AccountAddress:
    """The ids of the account in the address of a page of Microsoft Advertising.

    The ids are in the query (``?aid=…&cid=…``), in the fragment (``#/customer/{cid}/account/{aid}/campaign``), or both.
    Source: https://learn.microsoft.com/advertising/guides/get-started#get-ids

    Attributes:
        account_id: The account id.
        customer_id: The id of its customer, or ``None`` if the address does not have it.
    """

    account_id: str
    customer_id: str | None

    @staticmethod
    def is_meant(text: str) -> bool:
        """Tell whether a text is an address and not an id."""
        return "/" in text or "=" in text

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address.

        Raises:
            CommandError: It is not an address of Microsoft Advertising, or has no account id, or two.
        """
        given = text.strip()
        step = "Open the campaigns page of the account in Microsoft Advertising, and copy the whole address."
        try:
            parts = urlsplit(given if "://" in given else f"https://{given}")
            host = f".{parts.hostname or ''}"
        except ValueError:
            parts, host = urlsplit(""), ""
        if not host.endswith(_HOSTS):
            raise bad_input("The address of the account is not an address of Microsoft Advertising.", step)
        accounts, customers = _ids(parts, "aid"), _ids(parts, "cid")
        if not accounts:
            raise bad_input("The address has no account id: there is no aid= in it.", step)
        if len(accounts) > 1 or len(customers) > 1:
            raise bad_input("The address has two accounts, one before the # and one after it.", step)
        customer = checks.customer_id(customers.pop()) if customers else None
        return cls(checks.account_id(accounts.pop()), customer)


def _ids(parts: SplitResult, key: str) -> set[str]:
    """Return the values of a key in the query, in the query of the fragment, and in the path of the fragment."""
    queries = (parts.query, parts.fragment.partition("?")[2])
    path = _IN_THE_FRAGMENT.search(parts.fragment)
    return {value for query in queries for value in parse_qs(query).get(key, [])} | ({path[key]} if path else set())
