"""Typed fields of a JSON object that people write by hand."""

import re
from datetime import datetime
from typing import Any

from token_refresher.clock import from_rfc3339
from token_refresher.errors import MalformedCredentialError
from token_refresher.grant import Identity
from token_refresher.sensitive import Sensitive

_DIGITS = re.compile(r"[0-9]+")


class DocumentFields:
    """Reads typed fields out of a document.

    Every method raises `MalformedCredentialError` for a value of the wrong kind. The complaint names the field, and
    never quotes its value.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def text(self, name: str) -> str | None:
        """Return a text on one line, trimmed, or ``None`` where the document has no such field."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise MalformedCredentialError(name, f"must be a text, and is {_json_type(value)}")
        # Microsoft does not trim form values; pasted secrets often end in a newline.
        stripped = value.strip()
        if not stripped:
            raise MalformedCredentialError(name, "is empty; give it a value, or remove the key")
        if any(not character.isprintable() for character in stripped):
            raise MalformedCredentialError(name, "has a line break or another control character inside it")
        return stripped

    def required(self, name: str) -> str:
        """Return a text that has to be there."""
        value = self.text(name)
        if value is None:
            raise MalformedCredentialError(
                name, "is missing; it is the application (client) ID of the app registration"
            )
        return value

    def sensitive(self, name: str) -> Sensitive | None:
        """Return a secret that people paste."""
        value = self.text(name)
        return None if value is None else Sensitive(value)

    def token(self, name: str) -> Sensitive | None:
        """Read what a provider issued: opaque to us, so that nothing in it is a reason to stop using it."""
        value = self._values.get(name)
        if isinstance(value, str) and value.strip():
            return Sensitive(value.strip())
        return self.sensitive(name)

    def matching(self, name: str, pattern: re.Pattern[str], what: str) -> str | None:
        """Return a text that is what it says to be."""
        value = self.text(name)
        if value is not None and not pattern.fullmatch(value):
            raise MalformedCredentialError(name, f"must be {what}")
        return value

    def digits(self, name: str) -> str | None:
        """Return a number that identifies something, as a text."""
        value = self._values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            self._values[name] = str(value)
        return self.matching(name, _DIGITS, "a number, as in the address bar of Microsoft Advertising")

    def time(self, name: str) -> datetime | None:
        """Return an RFC 3339 time."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return from_rfc3339(value)
        except ValueError:
            raise MalformedCredentialError(name, "must be a time such as 2026-01-31T09:00:00Z") from None

    def identity(self) -> Identity | None:
        """Return who consented."""
        value = self._values.get("identity")
        if value is None:
            return None
        if not isinstance(value, dict):
            raise MalformedCredentialError("identity", f"must be an object, and is {_json_type(value)}")
        inner = DocumentFields(value)
        try:
            consented_at = inner.time("consented_at")
            username, tenant_id, object_id = (inner.text(key) for key in ("username", "tenant_id", "object_id"))
        except MalformedCredentialError as error:
            raise MalformedCredentialError(f"identity.{error.field}", error.problem) from None
        if consented_at is None:
            raise MalformedCredentialError("identity.consented_at", "is missing; remove identity, or complete it")
        return Identity(username or "", tenant_id or "", object_id or "", consented_at)


def _json_type(value: object) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
        str: "a text",
    }
    return names.get(type(value), "something else")
