"""What the checks need of a credential whose document was read. The whole fleet is held, so no document is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from token_refresher.base.errors import MalformedCredentialError, ServiceUnavailableError
from token_refresher.credential.document import Credential
from token_refresher.providers.client_assertion import certificate_of
from token_refresher.rotation.secret_store import SecretState
from token_refresher_cli.installation.current_document import CurrentDocument
from token_refresher_cli.installation.known_providers import KnownProviders

ProviderFault = MalformedCredentialError | ServiceUnavailableError | None
"""Why the provider of a credential cannot be used, or cannot be asked for."""


@dataclass(frozen=True)
class DocumentFacts:
    """What a document says, without a secret.

    Attributes:
        grant: The fingerprint of its refresh token; empty if it has none.
        account: Its app and its advertising account; empty if it has no account.
        has_client_secret: Whether it has a client secret.
        has_previous_client_secret: Whether it has the previous one as well.
        client_secret_expires_at: When the client secret expires, if that is known.
        certificate_ends_at: When its certificate expires; ``None`` if it has none, or one that cannot be read.
        provider: The provider that the document names.
        refresh_token_issued_at: When the refresh token was issued; ``None`` if it has none, or that is not known.
        refresh_token_expires_at: When it ends, if no refresh moves that.
        refreshed_at: When it was used last.
    """

    grant: str
    account: str
    has_client_secret: bool
    has_previous_client_secret: bool
    client_secret_expires_at: datetime | None
    certificate_ends_at: datetime | None
    provider: str
    refresh_token_issued_at: datetime | None
    refresh_token_expires_at: datetime | None
    refreshed_at: datetime | None

    @classmethod
    def of(cls, credential: Credential) -> Self:
        """Return the facts of a document."""
        return cls(
            credential.fingerprint,
            f"{credential.client_id} {credential.account_id}" if credential.account_id else "",
            bool(credential.client_secret),
            credential.previous_client_secret is not None,
            credential.client_secret_expires_at,
            _end_of_certificate(credential),
            credential.provider,
            credential.refresh_token_issued_at if credential.refresh_token is not None else None,
            credential.refresh_token_expires_at if credential.refresh_token is not None else None,
            credential.refreshed_at,
        )


@dataclass(frozen=True)
class LoadedCredential:
    """A credential, after its document was read.

    Attributes:
        state: The versions and status tags of its secret.
        facts: What its document says; ``None`` if there is none.
        problem: Why the secret is no credential document.
        refusal: The error with which AWS kept it from the operator, or ``None``.
        provider_fault: Why its provider cannot be used, or cannot be asked for.
    """

    state: SecretState
    facts: DocumentFacts | None
    problem: MalformedCredentialError | None
    refusal: ServiceUnavailableError | None
    provider_fault: ProviderFault = None

    @classmethod
    def of(cls, state: SecretState, current: CurrentDocument, provider_fault: ProviderFault = None) -> Self:
        """Return what the checks need of a secret and its document."""
        facts = None if current.credential is None else DocumentFacts.of(current.credential)
        return cls(state, facts, current.problem, current.refusal, provider_fault)

    @property
    def name(self) -> str:
        """The name of the credential."""
        return self.state.name


def provider_fault(providers: KnownProviders, current: CurrentDocument) -> ProviderFault:
    """Return why the provider that a document names cannot be used."""
    try:
        if current.credential is not None:
            providers.of(current.credential)
    except MalformedCredentialError as error:
        # Not the error itself: its traceback holds the document.
        return MalformedCredentialError(error.field, error.problem)
    except ServiceUnavailableError as error:
        return error
    return None


def _end_of_certificate(credential: Credential) -> datetime | None:
    if credential.certificate is None:
        return None
    try:
        ends_at: datetime = certificate_of(credential.certificate).not_valid_after_utc
    except MalformedCredentialError:
        return None
    return ends_at
