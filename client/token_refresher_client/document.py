"""What a secret holds: a token, a pointer to another secret, or neither.

Two secrets have a token for a pipeline, and one reader reads both:

- the consumer secret, which has the token and what goes with it, and counts its publications in ``generation``;
- the secret of the operator, which has the refresh token as well, and ``refreshed_at``.

After a rename the secret of the operator under the old name is a pointer: ``moved_to`` is the name to read instead.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self


class UnreadableDocumentError(ValueError):
    """The text is not a document of Token Refresher; the message says why, without a value."""


@dataclass(frozen=True)
class Account:
    """What a call of Microsoft Advertising needs beside the token. Each is ``None`` if the secret does not have it."""

    account_id: str | None = None
    customer_id: str | None = None
    developer_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Token:
    """An access token, and what belongs to it.

    Attributes:
        access_token: What to send. It is not in the ``repr``.
        token_type: How to send it, normally ``Bearer``.
        expires_at: When it ends, an aware datetime.
        scope: What was granted, separated by spaces, or ``None``.
        account: The account that the credential belongs to.
        generation: Counts the publications of a consumer secret; ``None`` in the secret of the operator.
    """

    access_token: str = field(repr=False)
    token_type: str
    expires_at: datetime
    scope: str | None = None
    account: Account = field(default_factory=Account)
    generation: int | None = None

    @property
    def authorization(self) -> str:
        """The value of the header ``Authorization``, for example ``Bearer eyJ…`` (RFC 6750, section 2.1)."""
        return f"{self.token_type} {self.access_token}"

    def remaining(self, now: datetime) -> timedelta:
        """Return how much time it has left; negative if it has ended."""
        return self.expires_at - now


@dataclass(frozen=True)
class Document:
    """The content of one version of a secret.

    Attributes:
        token: The token, or ``None`` if there is none yet.
        moved_to: The name of the secret to read instead, or ``None``.
        credential: The name of the credential, if the document has it.
        status: The status of the credential when it was published, if the document has it.
        refreshed_at: When the credential got the token, if the document has it.
    """

    token: Token | None
    moved_to: str | None
    credential: str | None
    status: str | None
    refreshed_at: datetime | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a secret.

        Raises:
            UnreadableDocumentError: It is no JSON object, or a key has another type than Token Refresher writes.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            raise UnreadableDocumentError("it is no JSON") from None  # The cause would quote the text.
        if not isinstance(values, dict):
            raise UnreadableDocumentError("it is no JSON object")
        moved_to = None if "client_id" in values else _text(values, "moved_to")
        document = cls(
            _token(values),
            moved_to,
            _text(values, "credential"),
            _text(values, "status"),
            _time(values, "refreshed_at"),
        )
        if document.token is None and moved_to is None and "client_id" not in values:
            raise UnreadableDocumentError("it has no access_token, and is not the secret of a credential either")
        return document

    def is_older_than(self, other: Self) -> bool:
        """Tell whether this document was written before another one of the same secret."""
        mine, others = (document.token.generation if document.token else None for document in (self, other))
        if mine is not None and others is not None:
            return mine < others
        if self.refreshed_at is None or other.refreshed_at is None:
            return False
        return self.refreshed_at < other.refreshed_at


def _token(values: Mapping[str, Any]) -> Token | None:
    access_token, token_type = _visible(values, "access_token"), _visible(values, "token_type")
    if access_token is None:
        return None
    expires_at = _time(values, "expires_at")
    if expires_at is None:
        raise UnreadableDocumentError("it has no expires_at")
    generation = values.get("generation")
    return Token(
        access_token,
        token_type or "Bearer",
        expires_at,
        _text(values, "granted_scope") or _text(values, "scope"),
        Account(_id(values, "account_id"), _id(values, "customer_id"), _text(values, "developer_token")),
        generation if isinstance(generation, int) else None,
    )


def _text(values: Mapping[str, Any], key: str) -> str | None:
    value = values.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise UnreadableDocumentError(f"{key} is not a text")
    return value


def _visible(values: Mapping[str, Any], key: str) -> str | None:
    """Return a text that can be part of a header, where a line break would begin another one."""
    text = _text(values, key)
    if text is not None and (not (text.isascii() and text.isprintable()) or " " in text):
        raise UnreadableDocumentError(f"{key} has characters that no token has")
    return text


def _id(values: Mapping[str, Any], key: str) -> str | None:
    """Return an ID as a text. People write the IDs of Microsoft Advertising as numbers, too."""
    value = values.get(key)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(values, key)


def _time(values: Mapping[str, Any], key: str) -> datetime | None:
    text = _text(values, key)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UnreadableDocumentError(f"{key} is not a time like 2026-01-31T09:00:00Z") from None
    if moment.tzinfo is None:
        raise UnreadableDocumentError(f"{key} has no offset; it needs one, such as Z")
    return moment
