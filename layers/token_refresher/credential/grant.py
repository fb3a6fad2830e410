"""The grant: the tokens that an authorization server issued."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.identity import Identity


@dataclass(frozen=True)
class Grant:
    """The tokens of one successful answer of the token endpoint (RFC 6749, section 5.1).

    Attributes:
        access_token: The token for pipelines, or ``None`` if the answer brought only a refresh token.
        token_type: ``Bearer``.
        expires_at: When the access token expires.
        scope: The granted scope, which may differ from the requested one.
        refresh_token: The successor, or ``None`` if the server did not rotate it: then the old one stays valid.
        issued_at: When the answer arrived.
        id_token: The ID token of a consent, which says who signed in.
        identity: The identity of a consent, set after the account check.
        person: The members of the answer that say who signed in, if the provider has no ID token for that.
        refresh_token_expires_at: When the refresh token ends, a new one or the one that was presented. From the token
            endpoint it is what the answer says, from a provider the end that no refresh moves. In a refresh, ``None``
            leaves what the document has.
    """

    access_token: Sensitive | None
    token_type: str
    expires_at: datetime | None
    scope: str
    refresh_token: Sensitive | None
    issued_at: datetime
    id_token: Sensitive | None = None
    identity: Identity | None = None
    person: Mapping[str, str] = field(default_factory=dict)
    refresh_token_expires_at: datetime | None = None

    def consented_by(self, identity: Identity) -> Self:
        """Return the grant as the consent of this person."""
        return replace(self, identity=identity)
