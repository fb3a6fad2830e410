"""Checks each value that an operator gives, before anything is written.

An invalid value raises a `CommandError` that says what was given, what it must be and where to find it. The message
describes the value and does not quote it: people paste a secret where an id is expected.
"""

import base64
import binascii
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from token_refresher.base import identifiers
from token_refresher.base.clock import from_rfc3339, to_rfc3339
from token_refresher.credential.document import SECRET_NAME_GRAMMAR
from token_refresher.credential.scopes import SCOPE_GRAMMAR
from token_refresher.providers.catalogue.entry import Dialect, ProviderEntry
from token_refresher_cli.shell.errors import CommandError, bad_input

SANDBOX_DEVELOPER_TOKEN: Final = "BBD37VB98"
"""The developer token of the sandbox, which is public and the same for all.

Source: https://learn.microsoft.com/advertising/guides/sandbox
"""

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_OLD_CLIENT_ID = re.compile(r"[0-9a-f]{16}", re.IGNORECASE)
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")
_ACCOUNT_NUMBER = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9]{8,10}")
"""Microsoft's get-started guide says eight letters and digits; other examples have ten."""
_DOMAIN = re.compile(r"(?i:[a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[A-Za-z]{2,}")
_CODE_OF_A_PERSONAL_ACCOUNT = re.compile(rf"M\.[A-Z0-9]+_[A-Z0-9]+\.([0-9]+\.)?(U\.)?{_GUID.pattern}", re.IGNORECASE)
"""As in https://github.com/OWOX/owox-data-marts/blob/main/packages/connectors/src/Sources/MicrosoftAds/CREDENTIALS.md"""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MASK = re.compile(r"[*•●x.]{3,}", re.IGNORECASE)

_TENANTS: Final = frozenset({"common", "organizations", "consumers"})
_LEGACY_SCOPES: Final = frozenset(
    {"https://ads.microsoft.com/ads.manage", "ads.manage", "bingads.manage", "https://ads.microsoft.com/bingads.manage"}
)
"""The API refuses tokens for these scopes, since it requires multi-factor authentication.

Source: https://learn.microsoft.com/advertising/guides/authentication-oauth-identity-platform
"""

_APP_PAGE: Final = "the page of the app under App registrations in the Microsoft Entra admin center"
IN_AN_ANSWER: Final = (
    'It is in the member "refresh_token" of the token endpoint\'s answer, or where the other tool keeps it.'
)
"""Where a refresh token is."""

EXPIRES_PAGE: Final = f'Copy it from the column "Expires" of Certificates & secrets, on {_APP_PAGE}.'
"""Where Microsoft shows when a client secret expires."""

_IN_THE_ADDRESS: Final = (
    "Open the campaigns page of the account in Microsoft Advertising: it is after {key}= in the address. You can also"
    " give the whole address with --account-url."
)


def client_id(text: str) -> str:
    """Return the application id of an app registration in lower case."""
    given = text.strip()
    if _GUID.fullmatch(given):
        return identifiers.client_id(given)
    where = f'Copy "Application (client) ID" from {_APP_PAGE}.'
    if _OLD_CLIENT_ID.fullmatch(given):
        raise bad_input(
            "The client id is 16 hexadecimal digits, as apps had before Microsoft Entra. These apps no longer work.",
            "Register a new app under App registrations in the Microsoft Entra admin center.",
        )
    raise _wrong("client id", given, "a GUID such as 00001111-aaaa-2222-bbbb-3333cccc4444", where)


def client_secret(text: str) -> str:
    """Return the value of a client secret. Microsoft refuses the secret's id with AADSTS7000215."""
    given = text.strip()
    where = (
        f'It is in the column "Value" of Certificates & secrets, on {_APP_PAGE}. It is shown there once: create a new'
        " client secret if you do not have it."
    )
    if _GUID.fullmatch(given):
        raise bad_input(
            "The client secret is a GUID: that is its id, and its value is needed.",
            where.replace("It is in", "The value is in", 1),
        )
    return one_word("client secret", given, where)


def developer_token(text: str, *, sandbox: bool = False) -> str:
    """Return a developer token of Microsoft Advertising."""
    given = text.strip()
    where = "Copy it from https://developers.ads.microsoft.com/Account, signed in as a super admin."
    if _is_json_web_token(given):
        raise bad_input("The developer token is a JSON Web Token, as access tokens are.", where)
    if given == SANDBOX_DEVELOPER_TOKEN and not sandbox:
        raise bad_input(
            f"The developer token is {SANDBOX_DEVELOPER_TOKEN}, the one of the sandbox.",
            f"For the sandbox, add --sandbox. Otherwise: {where}",
        )
    return one_word("developer token", given, where)


def account_id(text: str) -> str:
    """Return the id of an advertising account, which is not the account number."""
    return _id("account id", "account number", text, "aid")


def customer_id(text: str) -> str:
    """Return the id of the customer that an advertising account belongs to."""
    return _id("customer id", "customer number", text, "cid")


def publish_to(text: str) -> str:
    """Return the name of the secret that pipelines read, without the prefix."""
    given = text.strip()
    if SECRET_NAME_GRAMMAR.fullmatch(given):
        return given
    must = "a name of letters, digits and /_+=.@- that neither starts nor ends with a slash"
    raise _wrong("publish_to", given, must, "Give the name without the prefix ConsumerPrefix.")


def tenant(text: str) -> str:
    """Return the tenant whose users can sign in."""
    given = text.strip().lower()
    if given in _TENANTS or _GUID.fullmatch(given) or _DOMAIN.fullmatch(given):
        return given
    must = "common, organizations, consumers, a tenant id (a GUID) or a domain such as contoso.onmicrosoft.com"
    step = f'Leave it out for common, or copy "Directory (tenant) ID" from {_APP_PAGE}.'
    raise _wrong("tenant", given, must, step)


def scope(text: str, entry: ProviderEntry) -> str:
    """Return the scope that a sign-in at a provider asks for, with spaces between its parts."""
    facts, provider = entry.scope, entry.words.provider
    # A document always has spaces, whatever the provider wants; its documentation may show commas.
    given = " ".join((text.replace(",", " ") if facts.separator == "," else text).split())
    needed = facts.refresh_token
    is_microsoft = entry.dialect is Dialect.MICROSOFT  # It alone ignores the case.
    asked = identifiers.scopes(given) if is_microsoft else frozenset(given.split())
    step = f"Leave it out for {facts.default}." if facts.default else f"The documentation of {provider} has its scopes."
    if entry.has_advertising_accounts and _LEGACY_SCOPES.intersection(asked):
        raise bad_input(
            "The scope is the legacy ads.manage or bingads.manage: Microsoft issues tokens for it, but Microsoft"
            " Advertising refuses them. It requires msads.manage.",
            step,
        )
    if needed and needed not in asked:
        raise bad_input(
            f"The scope lacks {needed}: without it {provider} issues no refresh token, and the first access"
            " token would be the last.",
            f"Add {needed}, separated by a space. {step}",
        )
    if asked <= {needed} or not SCOPE_GRAMMAR.fullmatch(given):
        one_of_them = f", one of them {needed}" if needed else ""
        raise _wrong("scope", given, f"scopes separated by spaces{one_of_them}", step)
    return given


def refresh_token(text: str) -> str:
    """Return a refresh token that another tool got."""
    given = text.strip()
    where = IN_AN_ANSWER
    if _is_json_web_token(given):
        raise bad_input("The refresh token is a JSON Web Token, as access tokens and ID tokens are.", where)
    if _CODE_OF_A_PERSONAL_ACCOUNT.fullmatch(given) or "code=" in given:
        raise bad_input(
            "The refresh token is an authorization code, which works once and for a few minutes.",
            "Leave out the refresh token, and sign in with the connect link instead.",
        )
    if given.lower().endswith(".txt"):
        raise bad_input(
            "The refresh token is the name of a text file.",
            "Give what is in it: token-refresher add NAME --refresh-token - < FILE",
        )
    return one_word("refresh token", given, where)


def client_secret_expires_at(text: str, now: datetime, where: str = EXPIRES_PAGE) -> str:
    """Return the expiry of a client secret in RFC 3339; of a date, its first moment in UTC, to warn in time."""
    moment = _moment("end of the client secret", text, where)
    if moment <= now - timedelta(days=1):
        raise bad_input(
            f"The client secret expired on {moment:%Y-%m-%d}: it is refused.",
            "Create a new client secret, and give its value.",
        )
    return to_rfc3339(moment)


def refresh_token_expires_at(text: str, now: datetime) -> str:
    """Return the end of a refresh token in RFC 3339; of a date, its first moment in UTC, to warn in time."""
    where = "It is when the person signed in, and the life of a refresh token at the provider."
    moment = _moment("end of the refresh token", text, where)
    if moment <= now - timedelta(days=1):
        raise bad_input(
            f"The refresh token ended on {moment:%Y-%m-%d}.",
            "Leave it out: a person has to sign in with the connect link.",
        )
    return to_rfc3339(moment)


def _moment(what: str, text: str, where: str) -> datetime:
    given = text.strip()
    try:
        return datetime.fromisoformat(given).replace(tzinfo=UTC) if _DATE.fullmatch(given) else from_rfc3339(given)
    except ValueError:
        must = "a date such as 2027-01-31 or a time such as 2027-01-31T09:00:00Z"
        raise _wrong(what, given, must, where) from None


def described(text: str) -> str:
    """Describe a text without quoting it."""
    if not text:
        return "empty"
    if _MASK.fullmatch(text):
        return "a row of stars"
    if "://" in text:
        return "a web address"
    if _GUID.fullmatch(text):
        return "a GUID"
    if text.isascii() and text.isdigit():
        return f"a number of {len(text)} digits"
    return f"a text of {len(text)} characters" + (" with spaces" if len(text.split()) > 1 else "")


def _wrong(what: str, given: str, must: str, step: str) -> CommandError:
    return bad_input(f"The {what} is {described(given)}, and must be {must}.", step)


def one_word(what: str, text: str, where: str) -> str:
    """Return a token or secret; refuse an empty text, several words, non-ASCII characters and a mask."""
    given = text.strip()
    if _MASK.fullmatch(given):
        raise bad_input(f"The {what} is masked: the tool that you copied it from does not show it.", where)
    if not given or not given.isascii() or not given.isprintable() or " " in given:
        raise _wrong(what, given, "one word of letters, digits and signs", where)
    return given


def _id(what: str, number: str, text: str, key: str) -> str:
    given = identifiers.number(identifiers.trimmed(text))
    if _NUMBER.fullmatch(given):
        return given
    step = _IN_THE_ADDRESS.format(key=key)
    if _ACCOUNT_NUMBER.fullmatch(given):
        raise bad_input(
            f"The {what} is {len(given)} letters and digits, as the {number} is, and must be the {what}: digits alone.",
            step,
        )
    raise _wrong(what, given, "a number", step)


def _is_json_web_token(text: str) -> bool:
    """Tell whether a text is a JSON Web Token (RFC 7519); refresh tokens of Microsoft are not."""
    parts = text.split(".")
    return len(parts) in {3, 5} and "alg" in _json_object(parts[0])


def _json_object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
