"""A credential document without its secrets: fingerprints stand in for all that is not known to be none."""

import json
from typing import Any, Final

from token_refresher.grant import Identity
from token_refresher.json_members import JsonMembers
from token_refresher.readable import readable
from token_refresher.sensitive import Sensitive
from token_refresher_cli.current_document import CurrentDocument

SECRETS: Final = ("client_secret", "previous_client_secret", "developer_token", "refresh_token", "access_token")
"""The keys of a document whose values are secret."""

OF_THE_OPERATOR: Final = (
    "client_id",
    "tenant",
    "scope",
    "account_id",
    "customer_id",
    "client_secret_expires_at",
    "invites_valid_from",
)
"""The keys that an operator writes, and that anybody may see who may see the credential."""

_OF_THE_REFRESHER: Final = (
    "token_type",
    "expires_at",
    "granted_scope",
    "refreshed_at",
    "refresh_token_issued_at",
)
_IDENTITY: Final = "identity"

_KNOWN: Final = frozenset({*SECRETS, *OF_THE_OPERATOR, *_OF_THE_REFRESHER, _IDENTITY})


def members(current: CurrentDocument) -> dict[str, Any] | None:
    """Return the members of a document with their values, or ``None`` where it has none that can be read."""
    try:
        return JsonMembers.parse(current.text.reveal()).values() if current.text else None
    except ValueError:
        return None


def redacted(current: CurrentDocument) -> dict[str, Any] | None:
    """Return the members of a document with ``{"fingerprint": …}`` in place of every value that may be a secret.

    Those are the secrets, and the keys that nobody here knows. Of a malformed document it is every value: somebody may
    have put a secret under the wrong key.
    """
    values = members(current)
    if values is None:
        return None
    is_valid = current.credential is not None
    return {key: _shown(key, value) if is_valid else fingerprint(value) for key, value in values.items()}


def unknown_keys(current: CurrentDocument) -> list[str]:
    """Return the keys of a document that are the operator's own, in their order, fit to be shown."""
    return [readable(key) for key in members(current) or {} if key not in _KNOWN]


def fingerprint(value: Any) -> dict[str, str] | None:
    """Return what stands in for a value; a token's is the one that the registry and the logs have of it."""
    if value is None:
        return None
    return {"fingerprint": Sensitive(value.strip() if isinstance(value, str) else json.dumps(value)).fingerprint}


def _shown(key: str, value: Any) -> Any:
    if key == _IDENTITY and isinstance(value, dict):
        known = {*Identity.__dataclass_fields__}
        return {inner: text if inner in known else fingerprint(text) for inner, text in value.items()}
    return value if key in OF_THE_OPERATOR or key in _OF_THE_REFRESHER else fingerprint(value)
