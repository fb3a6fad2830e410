"""The credential document: the JSON object in the secret ``{SecretPrefix}/{name}``."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Self

from token_refresher.base import identifiers
from token_refresher.base.clock import optional_to_rfc3339, to_rfc3339
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.text import readable
from token_refresher.credential import scopes
from token_refresher.credential.default_provider import DEFAULT_PROVIDER
from token_refresher.credential.document_text import read_members, unwrapped_object
from token_refresher.credential.field_reader import FieldReader
from token_refresher.credential.grant import Grant
from token_refresher.credential.identity import Identity
from token_refresher.credential.json_members import JsonMembers

DEFAULT_TENANT: Final = "common"
DEFAULT_TOKEN_TYPE: Final = "Bearer"

_NEVER: Final = datetime.min.replace(tzinfo=UTC)

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
"""A GUID, a domain, or common, organizations, consumers. It becomes a segment of a URL, so nothing else may pass."""

_KMS_KEY = re.compile(r"[A-Za-z0-9:/_-]{1,2048}")
"""Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html"""

PROVIDER_GRAMMAR: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""The names of the catalogue's entries. They are names of files and of parameters."""

SECRET_NAME_GRAMMAR: Final = re.compile(r"[A-Za-z0-9_+=.@-]+(/[A-Za-z0-9_+=.@-]+)*")
"""Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html"""


@dataclass(frozen=True)
class Credential:
    """One parsed and validated credential document.

    Optional fields are ``None`` if the document has no such key. Tokens and secrets are `Sensitive`. The operator sets
    ``invites_valid_from`` to withdraw the connect links that were made before it, ``previous_client_secret`` for a
    refresh to try if the provider refuses ``client_secret``, and ``publish_to`` to give pipelines their own secret.
    ``private_key`` or ``private_key_kms_key_id`` prove who the client is in place of ``client_secret``, and
    ``certificate`` is that of the key. ``authorization_endpoint``, ``token_endpoint`` and
    ``token_endpoint_auth_method`` (RFC 8414, section 2; RFC 7591, section 2) count for the provider ``oauth2`` only.
    ``scope`` is empty if the document has none and its provider is not the default one.
    """

    client_id: str
    provider: str
    client_secret: Sensitive | None
    previous_client_secret: Sensitive | None
    private_key: Sensitive | None
    private_key_kms_key_id: str | None
    certificate: str | None
    tenant: str
    scope: str
    developer_token: Sensitive | None
    customer_id: str | None
    account_id: str | None
    client_secret_expires_at: datetime | None
    invites_valid_from: datetime | None
    publish_to: str | None
    publish_developer_token: bool
    authorization_endpoint: str
    token_endpoint: str
    token_endpoint_auth_method: str
    refresh_token: Sensitive | None
    access_token: Sensitive | None
    token_type: str
    granted_scope: str
    refreshed_at: datetime | None
    expires_at: datetime | None
    refresh_token_issued_at: datetime | None
    refresh_token_expires_at: datetime | None
    identity: Identity | None
    consented_at: datetime | None
    _members: JsonMembers

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read and validate the text of a secret.

        Raises:
            MalformedCredentialError: The message names the field and says what is wrong with it.
        """
        try:
            members = read_members(text)
        except ValueError as error:
            raise MalformedCredentialError(None, f"the secret {error}") from None
        fields = FieldReader(members.values())
        provider = (
            fields.matching("provider", PROVIDER_GRAMMAR, "the name of a provider: small letters, digits and hyphens")
            or DEFAULT_PROVIDER
        )
        try:
            return cls._read(fields, provider, members)
        except MalformedCredentialError as error:
            error.provider = provider
            raise

    @classmethod
    def _read(cls, fields: FieldReader, provider: str, members: JsonMembers) -> Self:
        consented_at = fields.time("consented_at")
        return cls(
            client_id=identifiers.client_id(fields.required("client_id")),
            provider=provider,
            client_secret=fields.secret("client_secret"),
            previous_client_secret=fields.secret("previous_client_secret"),
            private_key=fields.private_key(),
            private_key_kms_key_id=fields.matching(
                "private_key_kms_key_id", _KMS_KEY, "the ID, the alias or the ARN of a key of KMS"
            ),
            certificate=fields.certificate(),
            tenant=identifiers.tenant(
                fields.matching("tenant", _TENANT, "a tenant id, a domain, common, organizations or consumers")
                or DEFAULT_TENANT
            ),
            scope=fields.matching("scope", scopes.SCOPE_GRAMMAR, "a space-separated list of scopes")
            or (scopes.DEFAULT_SCOPE if provider == DEFAULT_PROVIDER else ""),
            developer_token=fields.secret("developer_token"),
            customer_id=fields.digits("customer_id"),
            account_id=fields.digits("account_id"),
            client_secret_expires_at=fields.time("client_secret_expires_at"),
            invites_valid_from=fields.time("invites_valid_from"),
            publish_to=fields.matching(
                "publish_to",
                SECRET_NAME_GRAMMAR,
                "the name of a secret: letters, digits and /_+=.@-, no slash at its ends",
            ),
            publish_developer_token=fields.flag("publish_developer_token"),
            authorization_endpoint=fields.text("authorization_endpoint") or "",
            token_endpoint=fields.text("token_endpoint") or "",
            token_endpoint_auth_method=fields.text("token_endpoint_auth_method") or "",
            refresh_token=fields.secret("refresh_token"),
            access_token=fields.secret("access_token"),
            token_type=identifiers.token_type(fields.text("token_type") or DEFAULT_TOKEN_TYPE),
            granted_scope=fields.text("granted_scope") or "",
            refreshed_at=fields.time("refreshed_at"),
            expires_at=fields.time("expires_at"),
            refresh_token_issued_at=fields.time("refresh_token_issued_at"),
            refresh_token_expires_at=fields.time("refresh_token_expires_at"),
            identity=fields.consent(consented_at),
            consented_at=consented_at,
            _members=members,
        )

    def with_grant(self, grant: Grant) -> Self:
        """Return the document with the tokens of a grant. The text of every other key stays unchanged.

        If the grant has no refresh token, the document keeps its own (RFC 6749, section 6). A grant with an identity is
        a new consent: it replaces the identity and the end of the refresh token.
        """
        changes: dict[str, Any] = {}
        if grant.access_token is not None and grant.expires_at is not None:
            changes |= {
                "access_token": grant.access_token.reveal(),
                "token_type": identifiers.token_type(readable(grant.token_type) or DEFAULT_TOKEN_TYPE),
                "expires_at": to_rfc3339(grant.expires_at),
                "granted_scope": readable(grant.scope) or None,
                "refreshed_at": to_rfc3339(grant.issued_at),
            }
        if grant.refresh_token is not None:
            changes["refresh_token"] = grant.refresh_token.reveal()
            changes["refresh_token_issued_at"] = to_rfc3339(grant.issued_at)
        if grant.refresh_token_expires_at is not None or grant.identity is not None:
            changes["refresh_token_expires_at"] = optional_to_rfc3339(grant.refresh_token_expires_at)
        if grant.identity is not None:
            changes["identity"] = grant.identity.to_document() if grant.identity.is_known else None
            changes["consented_at"] = to_rfc3339(grant.identity.consented_at)
        return self.parse(self._members.unwrapped(self._identity_as_object()).replace(changes).dump())

    def _identity_as_object(self) -> dict[str, str]:
        """Return the identity as an object if an editor stored it as a text: consumers expect an object."""
        written = self._members.values().get("identity")
        inner = unwrapped_object(written) if isinstance(written, str) else None
        return {} if inner is None else {"identity": inner}

    def grant(self) -> Grant | None:
        """Return the grant that the newest tokens of the document came from, or ``None`` without tokens."""
        if self.refresh_token is not None and self._has_only_a_new_refresh_token:
            ends_at = self.refresh_token_expires_at
            return Grant(
                None,
                "",
                None,
                "",
                self.refresh_token,
                self.newest_at,
                identity=self.identity,
                refresh_token_expires_at=ends_at,
            )
        if self.access_token is None or self.expires_at is None or self.refreshed_at is None:
            return None
        return Grant(
            access_token=self.access_token,
            token_type=self.token_type,
            expires_at=self.expires_at,
            scope=self.granted_scope,
            # Not every answer has a refresh token: an older one than the access token came with an earlier grant.
            refresh_token=self.refresh_token if self.refresh_token_issued_at == self.refreshed_at else None,
            issued_at=self.refreshed_at,
            identity=self.identity,
            refresh_token_expires_at=self.refresh_token_expires_at,
        )

    @property
    def _has_only_a_new_refresh_token(self) -> bool:
        """Whether the last answer had a refresh token but no access token."""
        issued_at = self.refresh_token_issued_at
        return issued_at is not None and (self.refreshed_at is None or self.refreshed_at < issued_at)

    def holds(self, grant: Grant) -> bool:
        """Tell whether this document contains the tokens of a grant."""
        pairs = ((grant.access_token, self.access_token), (grant.refresh_token, self.refresh_token))
        return all(theirs is None or theirs == ours for theirs, ours in pairs)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the refresh token, or empty without a refresh token."""
        return self.refresh_token.fingerprint if self.refresh_token else ""

    @property
    def is_sandbox(self) -> bool:
        """Whether the credential is for the sandbox of Microsoft Advertising."""
        return scopes.is_sandbox(self.scope)

    @property
    def asks_for_refresh_token(self) -> bool:
        """Whether the scope makes the provider issue a refresh token."""
        return scopes.asks_for_refresh_token(self.scope)

    @property
    def newest_at(self) -> datetime:
        """When the newest token was issued, or the earliest possible time if that is unknown."""
        return max(self.refreshed_at or _NEVER, self.refresh_token_issued_at or _NEVER)

    def with_previous_client_secret(self) -> Self | None:
        """Return the credential with its previous client secret, or ``None`` if there is no other one, or a key."""
        previous = self.previous_client_secret
        if self.private_key is not None or self.private_key_kms_key_id is not None:
            return None  # The key proves who the client is, and no client secret is sent.
        return replace(self, client_secret=previous) if previous not in {None, self.client_secret} else None

    def dump(self) -> str:
        """Return the text of the secret."""
        return self._members.dump()

    @property
    def consent_generation(self) -> str:
        """A text that changes with every consent, so that a connect link works for one consent only."""
        return to_rfc3339(self.identity.consented_at) if self.identity else ""

    def __repr__(self) -> str:
        return f"Credential(client_id={self.client_id!r}, tenant={self.tenant!r})"
