"""The keys of the credential document: who writes each of them, and which values are secret."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Writer(StrEnum):
    """Who writes the value of a key."""

    OPERATOR = "operator"
    REFRESHER = "refresher"
    """The functions. An operator may put in a refresh token, to import it, and when it ends."""


@dataclass(frozen=True)
class DocumentField:
    """One key of the document.

    Attributes:
        key: The key.
        writer: Who writes its value.
        is_secret: Whether nobody may see its value.
    """

    key: str
    writer: Writer
    is_secret: bool = False


FIELDS: Final = {
    field.key: field
    for field in (
        DocumentField("client_id", Writer.OPERATOR),
        DocumentField("provider", Writer.OPERATOR),
        DocumentField("client_secret", Writer.OPERATOR, is_secret=True),
        DocumentField("previous_client_secret", Writer.OPERATOR, is_secret=True),
        DocumentField("private_key", Writer.OPERATOR, is_secret=True),
        DocumentField("private_key_kms_key_id", Writer.OPERATOR),
        DocumentField("certificate", Writer.OPERATOR),
        DocumentField("tenant", Writer.OPERATOR),
        DocumentField("scope", Writer.OPERATOR),
        DocumentField("developer_token", Writer.OPERATOR, is_secret=True),
        DocumentField("customer_id", Writer.OPERATOR),
        DocumentField("account_id", Writer.OPERATOR),
        DocumentField("client_secret_expires_at", Writer.OPERATOR),
        DocumentField("invites_valid_from", Writer.OPERATOR),
        DocumentField("publish_to", Writer.OPERATOR),
        DocumentField("publish_developer_token", Writer.OPERATOR),
        DocumentField("authorization_endpoint", Writer.OPERATOR),
        DocumentField("token_endpoint", Writer.OPERATOR),
        DocumentField("token_endpoint_auth_method", Writer.OPERATOR),
        DocumentField("refresh_token", Writer.REFRESHER, is_secret=True),
        DocumentField("access_token", Writer.REFRESHER, is_secret=True),
        DocumentField("token_type", Writer.REFRESHER),
        DocumentField("granted_scope", Writer.REFRESHER),
        DocumentField("refreshed_at", Writer.REFRESHER),
        DocumentField("expires_at", Writer.REFRESHER),
        DocumentField("refresh_token_issued_at", Writer.REFRESHER),
        DocumentField("refresh_token_expires_at", Writer.REFRESHER),
        DocumentField("identity", Writer.REFRESHER),
        DocumentField("consented_at", Writer.REFRESHER),
    )
}
"""All keys, in the order of the documentation. The document keeps any other key unchanged: it is the operator's own."""

SECRET_KEYS: Final = tuple(field.key for field in FIELDS.values() if field.is_secret)
"""The keys whose values nobody may see."""

OPERATOR_KEYS: Final = tuple(field.key for field in FIELDS.values() if field.writer is Writer.OPERATOR)
"""The keys that only an operator writes."""

REFRESHER_KEYS: Final = tuple(field.key for field in FIELDS.values() if field.writer is Writer.REFRESHER)
"""The keys that the functions write."""
