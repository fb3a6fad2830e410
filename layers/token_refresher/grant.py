"""What an authorization server issued: tokens, and who consented to them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from token_refresher.clock import from_rfc3339, to_rfc3339
from token_refresher.readable import readable
from token_refresher.sensitive import Sensitive

_APART: Final = timedelta(seconds=1)
"""What documents can tell apart."""


@dataclass(frozen=True)
class Identity:
    """Who gave a consent.

    ``tenant_id`` and ``object_id`` together identify a person (the ``tid`` and ``oid`` claims); ``username`` is for
    people to read, and may change.
    """

    username: str
    tenant_id: str
    object_id: str
    consented_at: datetime

    def is_same_person(self, other: "Identity") -> bool:
        """Tell whether both are the same user of the same tenant, whatever the username says today."""
        return self.person == other.person

    @property
    def person(self) -> str:
        """Who it is, in one text: an object id is unique within its tenant only."""
        return f"{self.tenant_id}/{self.object_id}"

    def following(self, last: "Identity | None") -> Self:
        """Return the identity of a consent that was given after another one, whatever the clocks say of that.

        A consent that seems to be older than what is current would be dropped; and the links of two consents within one
        second would be taken for one another's.
        """
        if last is None or self.consented_at > last.consented_at + _APART:
            return self
        return replace(self, consented_at=last.consented_at + _APART)

    def to_document(self) -> dict[str, str]:
        """Return the ``identity`` object of a credential document."""
        texts = {"username": self.username, "tenant_id": self.tenant_id, "object_id": self.object_id}
        known = {key: readable(text) for key, text in texts.items() if readable(text)}
        return {**known, "consented_at": to_rfc3339(self.consented_at)}

    @classmethod
    def from_document(cls, fields: Mapping[str, str]) -> Self:
        """Read what `to_document` wrote; raises ``KeyError`` or ``ValueError`` for anything else."""
        username, tenant_id, object_id = (fields.get(key, "") for key in ("username", "tenant_id", "object_id"))
        return cls(username, tenant_id, object_id, from_rfc3339(fields["consented_at"]))


@dataclass(frozen=True)
class Grant:
    """The tokens of one successful answer of the token endpoint (RFC 6749, section 5.1).

    Attributes:
        access_token: What pipelines use; ``None`` where an answer brought nothing but a refresh token.
        token_type: ``Bearer``.
        expires_at: When the access token ends.
        scope: What was granted, which may differ from what was asked for.
        refresh_token: The successor, or ``None`` where the server rotates nothing: then the old one stays valid.
        issued_at: When the answer arrived.
        id_token: Only for a consent: who signed in.
        identity: Only for a consent, once the account check is done.
    """

    access_token: Sensitive | None
    token_type: str
    expires_at: datetime | None
    scope: str
    refresh_token: Sensitive | None
    issued_at: datetime
    id_token: Sensitive | None = None
    identity: Identity | None = None

    def consented_by(self, identity: Identity) -> Self:
        """Return the grant as the consent of this person."""
        return replace(self, identity=identity)
