"""Scopes: how they are written, which ones have a meaning here, and which requested ones an answer does not grant."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from token_refresher.base import identifiers
from token_refresher.base.words import MICROSOFT, Words
from token_refresher.diagnosis.diagnosis import LESS_SCOPE, Diagnosis, our_own

SCOPE_GRAMMAR: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*")
"""RFC 6749, section 3.3: scopes of printable ASCII, separated by one space each."""

OFFLINE_ACCESS: Final = "offline_access"
"""The scope that makes the provider issue a refresh token.

Source: https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-offline_access-scope
"""

SANDBOX_SCOPE: Final = "https://si.ads.microsoft.com/msads.manage"
"""The permission for the sandbox of Microsoft Advertising: the sign-in is the same, the API has another host.

Source: https://learn.microsoft.com/advertising/guides/sandbox
"""

SANDBOX_DEFAULT_SCOPE: Final = f"{SANDBOX_SCOPE} {OFFLINE_ACCESS}"
"""The scope of a new credential for the sandbox."""

DEFAULT_SCOPE: Final = f"https://ads.microsoft.com/msads.manage {OFFLINE_ACCESS}"
"""The scope of a document that has none."""

_SIGN_IN_SCOPES: Final = frozenset({"openid", "profile", "email", OFFLINE_ACCESS})
"""Scopes of the sign-in, not of a service: the ``scope`` of an answer need not repeat them.

Source: https://learn.microsoft.com/entra/identity-platform/scopes-oidc#openid-connect-scopes
"""

_DEFAULT_SUFFIX: Final = "/.default"
"""Requests everything that was consented for a service, so that any scope of the service grants it.

Source: https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-default-scope
"""


_IDENTITY_SCOPES: Final = "openid profile"
"""Added to a sign-in only, so that the answer says who signed in."""


def consent_scope(scope: str) -> str:
    """Return the scope of a sign-in for a credential of this scope."""
    return f"{_IDENTITY_SCOPES} {scope}"


def is_sandbox(scope: str) -> bool:
    """Tell whether a scope is for the sandbox of Microsoft Advertising."""
    return SANDBOX_SCOPE in identifiers.scopes(scope)


def asks_for_refresh_token(scope: str) -> bool:
    """Tell whether a scope makes the provider issue a refresh token."""
    return OFFLINE_ACCESS in identifiers.scopes(scope)


def missing_scopes(asked: str, granted: str) -> tuple[str, ...]:
    """Return the scopes that were requested and not granted.

    Scopes are compared as a whole, with their host: the permission of production is none for the sandbox. Microsoft
    returns them in any order, and may change the case.

    Args:
        asked: The ``scope`` of the request.
        granted: The ``scope`` of the answer. For an answer without one, pass the request's (RFC 6749, section 5.1).
    """
    has = identifiers.scopes(granted)

    def is_granted(scope: str) -> bool:
        one = scope.lower()
        if one.endswith(_DEFAULT_SUFFIX):
            return any(other.startswith(one.removesuffix(_DEFAULT_SUFFIX) + "/") for other in has)
        return one in _SIGN_IN_SCOPES or one in has

    return tuple(scope for scope in asked.split() if not is_granted(scope))


def less_scope(missing: Sequence[str], words: Words = MICROSOFT) -> Diagnosis:
    """Return the diagnosis that the provider does not grant these scopes."""
    known = our_own(LESS_SCOPE, words)
    return replace(known, cause=f"{known.cause} Missing: {', '.join(missing)}.")
