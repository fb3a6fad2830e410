"""The shapes of what an operator gives: each value is checked before anything is written.

A value that cannot be right is a `CommandError` that says what was given, what it must be and where to find it. What
was given is described and not quoted: people paste a secret where an id is asked for.
"""

import base64
import binascii
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from token_refresher.clock import from_rfc3339, to_rfc3339
from token_refresher_cli.errors import CommandError, bad_input

SANDBOX_DEVELOPER_TOKEN: Final = "BBD37VB98"
"""The developer token that everybody uses in the sandbox; it is public.

Source: https://learn.microsoft.com/advertising/guides/sandbox
"""

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_OLD_CLIENT_ID = re.compile(r"[0-9a-f]{16}", re.IGNORECASE)
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")
_ACCOUNT_NUMBER = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9]{8,10}")
"""Eight letters and digits in Microsoft's words (get-started guide), ten in the examples of others."""
_DOMAIN = re.compile(r"(?i:[a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[A-Za-z]{2,}")
_SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*")
"""RFC 6749, section 3.3."""
_CODE_OF_A_PERSONAL_ACCOUNT = re.compile(rf"M\.[A-Z0-9]+_[A-Z0-9]+\.([0-9]+\.)?(U\.)?{_GUID.pattern}", re.IGNORECASE)
"""As in https://github.com/OWOX/owox-data-marts/blob/main/packages/connectors/src/Sources/MicrosoftAds/CREDENTIALS.md"""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MASK = re.compile(r"[*•●x.]{3,}", re.IGNORECASE)

_TENANTS: Final = frozenset({"common", "organizations", "consumers"})
_OFFLINE: Final = "offline_access"
_LEGACY_SCOPES: Final = frozenset(
    {"https://ads.microsoft.com/ads.manage", "ads.manage", "bingads.manage", "https://ads.microsoft.com/bingads.manage"}
)
"""Tokens for these are refused by the API since it demands multi-factor authentication.

Source: https://learn.microsoft.com/advertising/guides/authentication-oauth-identity-platform
"""

_APP_PAGE: Final = "the page of the app under App registrations in the Microsoft Entra admin center"
_IN_THE_ADDRESS: Final = (
    "Open the campaigns page of the account in Microsoft Advertising: it is behind {key}= in the address bar. The"
    " address can be given as a whole with --account-url."
)


def client_id(text: str) -> str:
    """Check the application id of an app registration, and return it in lower case."""
    given = text.strip()
    if _GUID.fullmatch(given):
        return given.lower()
    where = f'Copy "Application (client) ID" from {_APP_PAGE}.'
    if _OLD_CLIENT_ID.fullmatch(given):
        raise bad_input(
            "The client id is 16 hexadecimal digits, as apps had before Microsoft Entra: those are no longer taken.",
            "Register a new app under App registrations in the Microsoft Entra admin center.",
        )
    raise _wrong("client id", given, "a GUID such as 00001111-aaaa-2222-bbbb-3333cccc4444", where)


def client_secret(text: str) -> str:
    """Check the value of a client secret. Microsoft refuses the secret's id with AADSTS7000215."""
    given = text.strip()
    where = (
        f'It is in the column "Value" of Certificates & secrets, on {_APP_PAGE}. It is shown there once: make a new'
        " client secret if it was not kept."
    )
    if _GUID.fullmatch(given):
        raise bad_input(
            "The client secret is a GUID: that is the secret's id, and what is needed is its value.",
            where.replace("It is in", "The value is in", 1),
        )
    return _one_word("client secret", given, where)


def developer_token(text: str, *, sandbox: bool = False) -> str:
    """Check a developer token of Microsoft Advertising."""
    given = text.strip()
    where = "Copy it from https://developers.ads.microsoft.com/Account, signed in as a super admin."
    if _is_json_web_token(given):
        raise bad_input("The developer token is a signed token, as an access token is.", where)
    if given == SANDBOX_DEVELOPER_TOKEN and not sandbox:
        raise bad_input(
            f"The developer token is {SANDBOX_DEVELOPER_TOKEN}, which is the one of the sandbox.",
            f"Say --sandbox if the sandbox is meant. {where}",
        )
    return _one_word("developer token", given, where)


def account_id(text: str) -> str:
    """Check the id of an advertising account, which is not its number."""
    return _id("account id", "account number", text, "aid")


def customer_id(text: str) -> str:
    """Check the id of the customer that an advertising account belongs to."""
    return _id("customer id", "customer number", text, "cid")


def tenant(text: str) -> str:
    """Check whom a sign-in is open to."""
    given = text.strip().lower()
    if given in _TENANTS or _GUID.fullmatch(given) or _DOMAIN.fullmatch(given):
        return given
    must = "common, organizations, consumers, a tenant id (a GUID) or a domain such as contoso.onmicrosoft.com"
    step = f'Leave it out for common, or copy "Directory (tenant) ID" from {_APP_PAGE}.'
    raise _wrong("tenant", given, must, step)


def scope(text: str) -> str:
    """Check what is asked of the person who signs in."""
    given = " ".join(text.split())
    asked = given.split(" ")
    step = "Leave it out for https://ads.microsoft.com/msads.manage offline_access."
    if _LEGACY_SCOPES.intersection(asked):
        raise bad_input(
            "The scope is the legacy ads.manage or bingads.manage: Microsoft issues tokens for it, and Microsoft"
            " Advertising refuses them, for it demands msads.manage.",
            step,
        )
    if _OFFLINE not in asked:
        raise bad_input(
            f"The scope lacks {_OFFLINE}: without it Microsoft issues no refresh token, and the first access token"
            " would be the last.",
            f"Add {_OFFLINE}, separated by a space. {step}",
        )
    if asked == [_OFFLINE] or not _SCOPE.fullmatch(given):
        raise _wrong("scope", given, f"scopes separated by spaces, one of them {_OFFLINE}", step)
    return given


def refresh_token(text: str) -> str:
    """Check a refresh token that another tool was given."""
    given = text.strip()
    where = 'It is in the member "refresh_token" of the token endpoint\'s answer, or where the other tool keeps it.'
    if _is_json_web_token(given):
        raise bad_input("The refresh token is a signed token, as an access token or an id token is.", where)
    if _CODE_OF_A_PERSONAL_ACCOUNT.fullmatch(given) or "code=" in given:
        raise bad_input(
            "The refresh token is an authorization code, which is good for one exchange within minutes.",
            "Leave the refresh token out, and sign in with the connect link instead.",
        )
    if given.lower().endswith(".txt"):
        raise bad_input(
            "The refresh token is the name of a text file.",
            "Give what is in it: token-refresher add NAME --refresh-token - < FILE",
        )
    return _one_word("refresh token", given, where)


def client_secret_expires_at(text: str, now: datetime) -> str:
    """Check when a client secret ends, and return it in RFC 3339; a date is its beginning in UTC, to warn in time."""
    given = text.strip()
    where = f'Copy it from the column "Expires" of Certificates & secrets, on {_APP_PAGE}.'
    try:
        moment = datetime.fromisoformat(given).replace(tzinfo=UTC) if _DATE.fullmatch(given) else from_rfc3339(given)
    except ValueError:
        must = "a date such as 2027-01-31 or a time such as 2027-01-31T09:00:00Z"
        raise _wrong("end of the client secret", given, must, where) from None
    if moment <= now - timedelta(days=1):
        raise bad_input(
            f"The client secret expired on {moment:%Y-%m-%d}: Microsoft refuses it.",
            "Make a new client secret, and give its value.",
        )
    return to_rfc3339(moment)


def described(text: str) -> str:
    """Say what a text looks like, without a character of it."""
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


def _one_word(what: str, given: str, where: str) -> str:
    """Refuse what no token and no secret is: nothing, several words, letters beyond ASCII, a mask in their place."""
    if _MASK.fullmatch(given):
        raise bad_input(f"The {what} is masked: the tool that it was copied from does not show it.", where)
    if not given or not given.isascii() or not given.isprintable() or " " in given:
        raise _wrong(what, given, "one word of letters, digits and signs", where)
    return given


def _id(what: str, number: str, text: str, key: str) -> str:
    given = text.strip()
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
    """Tell whether a text is signed or encrypted as RFC 7519 has it: refresh tokens of Microsoft are not."""
    parts = text.split(".")
    return len(parts) in {3, 5} and "alg" in _json_object(parts[0])


def _json_object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
