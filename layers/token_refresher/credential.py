"""The credential document: the JSON object in the secret ``{SecretPrefix}/{name}``."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Self

from token_refresher.clock import to_rfc3339
from token_refresher.document_fields import DocumentFields
from token_refresher.errors import MalformedCredentialError
from token_refresher.grant import Grant, Identity
from token_refresher.json_members import JsonMembers
from token_refresher.readable import readable
from token_refresher.sensitive import Sensitive

DEFAULT_TENANT: Final = "common"
DEFAULT_SCOPE: Final = "https://ads.microsoft.com/msads.manage offline_access"

SANDBOX_SCOPE: Final = "https://si.ads.microsoft.com/msads.manage"
"""What stands for the sandbox of Microsoft Advertising: the sign-in is the same, the API has another host.

Source: https://learn.microsoft.com/advertising/guides/sandbox
"""

DEFAULT_TOKEN_TYPE: Final = "Bearer"

_NEVER: Final = datetime.min.replace(tzinfo=UTC)

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
"""A GUID, a domain, or common, organizations, consumers: it becomes a segment of a URL, so nothing else may pass."""
_SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*")
"""RFC 6749, section 3.3."""


@dataclass(frozen=True)
class Credential:
    """One parsed and validated credential document.

    Optional fields are ``None`` where the document has no such key. Tokens and secrets are `Sensitive`.
    ``invites_valid_from`` is the operator's: connect links that were made before it are withdrawn. So is
    ``previous_client_secret``: what a refresh tries where Microsoft refuses ``client_secret``.
    """

    client_id: str
    client_secret: Sensitive | None
    previous_client_secret: Sensitive | None
    tenant: str
    scope: str
    developer_token: Sensitive | None
    customer_id: str | None
    account_id: str | None
    client_secret_expires_at: datetime | None
    invites_valid_from: datetime | None
    refresh_token: Sensitive | None
    access_token: Sensitive | None
    token_type: str
    granted_scope: str
    refreshed_at: datetime | None
    expires_at: datetime | None
    refresh_token_issued_at: datetime | None
    identity: Identity | None
    _members: JsonMembers

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read and validate the text of a secret.

        Raises:
            MalformedCredentialError: Names the field and what is wrong with it.
        """
        try:
            members = JsonMembers.parse(text)
        except ValueError as error:
            raise MalformedCredentialError(None, f"the secret {_without_payload(error)}") from None
        fields = DocumentFields(members.values())
        return cls(
            client_id=fields.required("client_id"),
            client_secret=fields.sensitive("client_secret"),
            previous_client_secret=fields.sensitive("previous_client_secret"),
            tenant=fields.matching("tenant", _TENANT, "a tenant id, a domain, common, organizations or consumers")
            or DEFAULT_TENANT,
            scope=fields.matching("scope", _SCOPE, "a space-separated list of scopes") or DEFAULT_SCOPE,
            developer_token=fields.sensitive("developer_token"),
            customer_id=fields.digits("customer_id"),
            account_id=fields.digits("account_id"),
            client_secret_expires_at=fields.time("client_secret_expires_at"),
            invites_valid_from=fields.time("invites_valid_from"),
            refresh_token=fields.token("refresh_token"),
            access_token=fields.token("access_token"),
            token_type=fields.text("token_type") or DEFAULT_TOKEN_TYPE,
            granted_scope=fields.text("granted_scope") or "",
            refreshed_at=fields.time("refreshed_at"),
            expires_at=fields.time("expires_at"),
            refresh_token_issued_at=fields.time("refresh_token_issued_at"),
            identity=fields.identity(),
            _members=members,
        )

    def with_grant(self, grant: Grant) -> Self:
        """Return the document with the tokens of a grant in it; every other key keeps its text.

        A grant without a refresh token keeps the one that is there (RFC 6749, section 6). A grant with an identity
        is a new consent: it replaces what came from the old one.
        """
        changes: dict[str, Any] = {}
        if grant.access_token is not None and grant.expires_at is not None:
            changes |= {
                "access_token": grant.access_token.reveal(),
                "token_type": readable(grant.token_type) or DEFAULT_TOKEN_TYPE,
                "expires_at": to_rfc3339(grant.expires_at),
                "granted_scope": readable(grant.scope) or None,
                "refreshed_at": to_rfc3339(grant.issued_at),
            }
        if grant.refresh_token is not None:
            changes["refresh_token"] = grant.refresh_token.reveal()
            changes["refresh_token_issued_at"] = to_rfc3339(grant.issued_at)
        if grant.identity is not None:
            changes["identity"] = grant.identity.to_document()
        return self.parse(self._members.replace(changes).dump())

    def grant(self) -> Grant | None:
        """Return the tokens in the document as the grant that they came from, or ``None`` without any."""
        if self.refresh_token is not None and self._has_only_a_new_refresh_token:
            return Grant(None, "", None, "", self.refresh_token, self.newest_at, identity=self.identity)
        if self.access_token is None or self.expires_at is None or self.refreshed_at is None:
            return None
        return Grant(
            access_token=self.access_token,
            token_type=self.token_type,
            expires_at=self.expires_at,
            scope=self.granted_scope,
            # Not every answer brings a refresh token: one that is older than the access token came with another.
            refresh_token=self.refresh_token if self.refresh_token_issued_at == self.refreshed_at else None,
            issued_at=self.refreshed_at,
            identity=self.identity,
        )

    @property
    def _has_only_a_new_refresh_token(self) -> bool:
        """Whether the last answer brought a refresh token, and no access token with it."""
        issued_at = self.refresh_token_issued_at
        return issued_at is not None and (self.refreshed_at is None or self.refreshed_at < issued_at)

    def holds(self, grant: Grant) -> bool:
        """Tell whether the tokens of a grant are the ones in this document."""
        pairs = ((grant.access_token, self.access_token), (grant.refresh_token, self.refresh_token))
        return all(theirs is None or theirs == ours for theirs, ours in pairs)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the refresh token, or empty without one."""
        return self.refresh_token.fingerprint if self.refresh_token else ""

    @property
    def is_sandbox(self) -> bool:
        """Whether it is for the sandbox of Microsoft Advertising."""
        return SANDBOX_SCOPE in self.scope.split()

    @property
    def newest_at(self) -> datetime:
        """When the newest of the tokens was issued; the beginning of time where that is not known."""
        return max(self.refreshed_at or _NEVER, self.refresh_token_issued_at or _NEVER)

    def with_previous_client_secret(self) -> Self | None:
        """Return the credential as it signs in with the client secret before this one; ``None`` where there is none."""
        previous = self.previous_client_secret
        return replace(self, client_secret=previous) if previous not in {None, self.client_secret} else None

    def dump(self) -> str:
        """Write the document as the text of the secret."""
        return self._members.dump()

    @property
    def consent_generation(self) -> str:
        """What changes with every consent, so that a link made before it has done its work."""
        return to_rfc3339(self.identity.consented_at) if self.identity else ""

    def __repr__(self) -> str:
        return f"Credential(client_id={self.client_id!r}, tenant={self.tenant!r})"


def _without_payload(error: ValueError) -> str:
    """JSON errors quote nothing but positions, except the one of a member named twice, which names only a key."""
    message = str(error)
    return message if message.startswith(("is ", "names ", "has ")) else f"is not JSON ({message})"
