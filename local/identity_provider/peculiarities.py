"""What providers do that an entry of the catalogue cannot say: the comments of the entries as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.identity_provider.errors import INVALID_CLIENT, INVALID_GRANT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from token_refresher.providers.catalogue.entry import ProviderEntry

_OFFLINE = {"access_type": "offline", "duration": "permanent"}
"""The parameters that bring a refresh token: Google's and Zoho's, and Reddit's. The entries send other ones as well."""

_ANSWER_SEPARATORS = {"linkedin": ","}
"""LinkedIn reads spaces between scopes, and writes commas (the entry's sources AUTHURL and ANSWER)."""

_GOOGLE = {
    "email": "https://www.googleapis.com/auth/userinfo.email",
    "profile": "https://www.googleapis.com/auth/userinfo.profile",
}
_SCOPE_NAMES = {"google": _GOOGLE, "microsoft-advertising-google": _GOOGLE}
"""Google's answers name two scopes by their addresses (the entry's source ANSWER)."""

_ERROR_CODES: dict[str, dict[str, str | int]] = {
    "zoho": {INVALID_GRANT: "invalid_code"},
    # Of its own to the token endpoint: a declined consent has the same code.
    "atlassian": {INVALID_CLIENT: "access_denied"},
    "pinterest": {INVALID_GRANT: 283, INVALID_CLIENT: 2},
    "reddit-ads": {INVALID_GRANT: 400, INVALID_CLIENT: 401},
}
"""Codes of one's own in place of those of RFC 6749, section 5.2."""

_STATUSES = {
    "zoho": {INVALID_GRANT: 200, INVALID_CLIENT: 200},
    "atlassian": {INVALID_GRANT: 403},
    "salesforce": {INVALID_CLIENT: 400},
}
"""Other statuses than 400, and 401 for a client: Zoho refuses with 200, Atlassian with 403 (the entries' comments)."""

_MEMBERS: dict[str, dict[str, dict[str, str]]] = {
    "hubspot": {INVALID_GRANT: {"status": "BAD_REFRESH_TOKEN"}},
    "pinterest": {INVALID_GRANT: {"status": "failure"}, INVALID_CLIENT: {"status": "failure"}},
}
"""Members beside the code and the description."""

_DESCRIPTION = {"pinterest": "message", "reddit-ads": "message"}
"""Where the description is not in `error_description`."""

_DEFAULT_STATUSES = {INVALID_CLIENT: 401, "temporarily_unavailable": 503, "server_error": 503}


def offline_parameters(entry: ProviderEntry) -> dict[str, str]:
    """Return the parameters of an authorize request without which there is no refresh token."""
    sent = entry.authorization.parameters
    return {name: value for name, value in _OFFLINE.items() if sent.get(name) == value}


def scope_of_answer(entry: ProviderEntry, scope: Sequence[str]) -> str:
    """Return the scope of a token answer."""
    names = _SCOPE_NAMES.get(entry.name, {})
    separator = _ANSWER_SEPARATORS.get(entry.name, entry.scope.separator)
    return separator.join(names.get(one, one) for one in scope)


def error_answer(entry: ProviderEntry, code: str, description: str) -> tuple[int, dict[str, Any]]:
    """Return the status and the body of the answer to a token request that is refused."""
    status = _STATUSES.get(entry.name, {}).get(code) or _DEFAULT_STATUSES.get(code, 400)
    body = {
        entry.token.error_member: _ERROR_CODES.get(entry.name, {}).get(code, code),
        _DESCRIPTION.get(entry.name, "error_description"): description,
    }
    return status, body | _MEMBERS.get(entry.name, {}).get(code, {})
