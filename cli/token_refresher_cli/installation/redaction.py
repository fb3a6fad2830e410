"""A credential document without its secrets: a fingerprint replaces every value that may be secret."""

import json
from typing import Any, Final

from token_refresher.base.sensitive import Sensitive
from token_refresher.base.text import readable
from token_refresher.credential.document_text import read_members
from token_refresher.credential.fields import FIELDS, OPERATOR_KEYS, SECRET_KEYS
from token_refresher.credential.identity import Identity
from token_refresher_cli.installation.current_document import CurrentDocument

PUBLIC_OPERATOR_KEYS: Final = tuple(key for key in OPERATOR_KEYS if key not in SECRET_KEYS)
"""The keys of the operator whose values are not secret."""

_IDENTITY: Final = "identity"


def members(current: CurrentDocument) -> dict[str, Any] | None:
    """Return the members of a document, or ``None`` if it is no JSON object."""
    try:
        return read_members(current.text.reveal()).values() if current.text else None
    except ValueError:
        return None


def redacted(current: CurrentDocument) -> dict[str, Any] | None:
    """Return the members of a document with ``{"fingerprint": …}`` in place of every value that may be secret.

    Those are the values of secret and of unknown keys. In a malformed document it is every value: a secret may stand
    under the wrong key.
    """
    values = members(current)
    if values is None:
        return None
    is_valid = current.credential is not None
    return {key: _shown(key, value) if is_valid else fingerprint(value) for key, value in values.items()}


def unknown_keys(current: CurrentDocument) -> list[str]:
    """Return the keys that Token Refresher does not know, in their order, as printable text."""
    return [readable(key) for key in members(current) or {} if key not in FIELDS]


def fingerprint(value: Any) -> dict[str, str] | None:
    """Return the fingerprint of a value. That of a token is the same as in the registry and the logs."""
    if value is None:
        return None
    return {"fingerprint": Sensitive(value.strip() if isinstance(value, str) else json.dumps(value)).fingerprint}


def _shown(key: str, value: Any) -> Any:
    if key == _IDENTITY and isinstance(value, dict):
        known = {*Identity.__dataclass_fields__}
        return {inner: text if inner in known else fingerprint(text) for inner, text in value.items()}
    return value if key in FIELDS and key not in SECRET_KEYS and key != _IDENTITY else fingerprint(value)
