"""Typed values of a JSON object that people write by hand."""

import json
import re
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from token_refresher.base import identifiers
from token_refresher.base.clock import from_rfc3339
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document_text import unwrapped_object
from token_refresher.credential.fields import FIELDS, Writer
from token_refresher.credential.identity import Identity

_DIGITS = re.compile(r"[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOCAL_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9:.,]+")
_EPOCH = re.compile(r"[0-9]{9,13}(\.[0-9]+)?")

_EXACT: Final = 2**53
"""Below this, a float represents every integer exactly."""

_QUOTATION_MARKS: Final = "\"'`“”„«»‘’‚"  # noqa: RUF001 - These are the marks to find.


class FieldReader:
    """Reads typed values from a document.

    Every method raises `MalformedCredentialError` for a value of the wrong kind. The message names the field and never
    quotes its value.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def text(self, name: str) -> str | None:
        """Return a text of one line, trimmed, or ``None`` if the document has no such field."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            cure = "; write it in quotation marks" if isinstance(value, int | float) else ""
            raise MalformedCredentialError(name, f"must be a text, and is {_json_type(value)}{cure}")
        # Microsoft does not trim form values; pasted secrets often end in a newline.
        stripped = identifiers.trimmed(value)
        if not stripped:
            raise MalformedCredentialError(name, "is empty; give it a value, or remove the key")
        if not stripped.isprintable():
            raise MalformedCredentialError(name, "has a line break or another control character inside it")
        return stripped

    def required(self, name: str) -> str:
        """Return a required text."""
        value = self.text(name)
        if value is None:
            other = self._spelled_otherwise(name)
            why = f"; the key {other!r} is there, and has to be written {name}" if other else ""
            raise MalformedCredentialError(
                name, f"is missing{why}; it is the application (client) ID of the app registration"
            )
        return self._without_quotation_marks(name, value)

    def secret(self, name: str) -> Sensitive | None:
        """Return a secret: one that people paste is checked, and a token that a provider issued is not."""
        return self._token(name) if FIELDS[name].writer is Writer.REFRESHER else self._pasted_secret(name)

    def _pasted_secret(self, name: str) -> Sensitive | None:
        """Return a secret that people paste: its characters are those of RFC 6749, appendix A."""
        value = self.text(name)
        if value is None:
            return None
        self._without_quotation_marks(name, value)
        if not value.isascii():
            raise MalformedCredentialError(name, "has a character beyond ASCII in it; copy the value again")
        return Sensitive(value)

    def private_key(self) -> Sensitive | None:
        """Return the text of the private key."""
        text = self.pem("private_key")
        return None if text is None else Sensitive(text)

    def certificate(self) -> str | None:
        """Return the text of the certificate. It is shown to operators, so no private key may be in it."""
        text = self.pem("certificate")
        if text is not None and "PRIVATE KEY" in text:
            raise MalformedCredentialError("certificate", "has a private key in it; put that into private_key")
        return text

    def pem(self, name: str) -> str | None:
        """Return a text of several lines in PEM (RFC 7468); an editor may have escaped its line breaks."""
        value = self._values.get(name)
        if not isinstance(value, str) or not identifiers.trimmed(value):
            return self.text(name)  # Says what is wrong with it.
        return identifiers.trimmed(value.replace("\\n", "\n"))

    def _token(self, name: str) -> Sensitive | None:
        """Return a token as the provider issued it: tokens are opaque, so no character makes one invalid."""
        value = self._values.get(name)
        if isinstance(value, str) and identifiers.trimmed(value):
            return Sensitive(identifiers.trimmed(value))
        self.text(name)  # Says what is wrong with it.
        return None

    def matching(self, name: str, pattern: re.Pattern[str], what: str) -> str | None:
        """Return a text that matches a pattern, or raise an error that says what it must be."""
        value = self.text(name)
        if value is not None and not pattern.fullmatch(value):
            self._without_quotation_marks(name, value)
            raise MalformedCredentialError(name, f"must be {what}")
        return value

    def flag(self, name: str) -> bool:
        """Return true or false; false if the document has no such field."""
        value = self._values.get(name, False)
        if isinstance(value, str) and value in {"true", "false"}:
            return value == "true"
        if not isinstance(value, bool):
            raise MalformedCredentialError(name, "must be true or false")
        return value

    def digits(self, name: str) -> str | None:
        """Return a numeric id as a text."""
        value = self._values.get(name)
        if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            self._values[name] = str(value)
        digits = self.matching(name, _DIGITS, "a number, as in the address bar of Microsoft Advertising")
        return None if digits is None else identifiers.number(digits)

    def time(self, name: str) -> datetime | None:
        """Return an RFC 3339 time."""
        given = self._values.get(name)
        if isinstance(given, int | float) and not isinstance(given, bool):
            what = f"must be a text, and is a number: {_SECONDS if _EPOCH.fullmatch(str(given)) else _A_TIME}"
            raise MalformedCredentialError(name, what)
        value = self.text(name)
        if value is None:
            return None
        try:
            return from_rfc3339(value)
        except ValueError:
            self._without_quotation_marks(name, value)
            raise MalformedCredentialError(
                name, f"must be a time such as 2026-01-31T09:00:00Z{_missing(value)}"
            ) from None

    def consent(self, consented_at: datetime | None) -> Identity | None:
        """Return who consented and when, as far as the document says so; ``None`` before the first consent.

        Args:
            consented_at: The time beside the identity, which a consent has that names nobody.
        """
        identity = self.identity()
        if identity is None:
            return Identity.unknown(consented_at) if consented_at else None
        # An earlier version of this software wrote only the time within the identity.
        return replace(identity, consented_at=max(identity.consented_at, consented_at or identity.consented_at))

    def identity(self) -> Identity | None:
        """Return the identity of the person who consented."""
        value = self._values.get("identity")
        if isinstance(value, str):
            # The key/value editor of the AWS console stores every value as a text.
            inner_text = unwrapped_object(value)
            value = json.loads(inner_text) if inner_text is not None else value
        if value is None:
            return None
        if not isinstance(value, dict):
            raise MalformedCredentialError("identity", f"must be an object, and is {_json_type(value)}")
        inner = FieldReader(value)
        try:
            consented_at = inner.time("consented_at")
            username, tenant_id, object_id, subject = map(inner.text, ("username", "tenant_id", "object_id", "subject"))
        except MalformedCredentialError as error:
            raise MalformedCredentialError(f"identity.{error.field}", error.problem) from None
        if consented_at is None:
            raise MalformedCredentialError("identity.consented_at", "is missing; remove identity, or complete it")
        tenant_id, object_id = (identifiers.guid(text or "") for text in (tenant_id, object_id))
        return Identity(username or "", tenant_id, object_id, consented_at, subject or "")

    def _without_quotation_marks(self, name: str, value: str) -> str:
        """Return a value unless it is in quotation marks of its own, which would be sent along."""
        if len(value) > 1 and value[0] in _QUOTATION_MARKS and value[-1] in _QUOTATION_MARKS:
            raise MalformedCredentialError(name, "is in quotation marks of its own; remove them")
        return value

    def _spelled_otherwise(self, name: str) -> str | None:
        """Return a key that differs from this one only in case, spaces, hyphens or underscores."""
        return next((key for key in self._values if _plain(key) == _plain(name)), None)


_A_TIME: Final = 'write it as a text, such as "2026-01-31T09:00:00Z"'
_SECONDS: Final = f"it looks like the time since 1970; {_A_TIME}"


def _missing(value: str) -> str:
    """Say why a text is not a time, if the reason is clear."""
    if _DATE.fullmatch(value):
        return "; it is a date, and the time of day is missing"
    if _LOCAL_TIME.fullmatch(value):
        return "; its offset is missing: add Z where it is in UTC"
    return f"; {_SECONDS}" if _EPOCH.fullmatch(value) else ""


def _plain(key: str) -> str:
    return "".join(character for character in key.lower() if character.isalnum())


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
