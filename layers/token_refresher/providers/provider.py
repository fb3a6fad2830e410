"""The port to an OAuth provider: what the use cases ask of it, whichever it is."""

from datetime import datetime, timedelta
from typing import Protocol

from token_refresher.base.failure import ProviderFailure
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.words import Words
from token_refresher.credential.account import AccountAnswer
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.credential.identity import Identity
from token_refresher.diagnosis.diagnosis import Diagnosis
from token_refresher.providers.authorization import AuthorizationRequest
from token_refresher.providers.catalogue.entry import ProviderEntry


class Provider(Protocol):
    """An OAuth provider: an authorization server, and what the product knows of its API."""

    @property
    def entry(self) -> ProviderEntry:
        """How the provider behaves."""
        ...

    @property
    def authority(self) -> str:
        """What fails for all credentials or for none: the key of circuits, and of incidents of an outage."""
        ...

    @property
    def words(self) -> Words:
        """How texts name the provider."""
        ...

    @property
    def deadline(self) -> timedelta:
        """The longest time of one call to the token endpoint."""
        ...

    def authorization_url(self, credential: Credential, request: AuthorizationRequest) -> str:
        """Return the URL that a browser is sent to for a sign-in. It contains the state."""
        ...

    def prepare(self, credential: Credential) -> None:
        """Make the proof of who the client is for the next call.

        Raises:
            MalformedCredentialError: The document lacks what the provider needs, or its key cannot be used.
            ServiceUnavailableError: The key is in KMS, and KMS did not sign.
        """
        ...

    def redeem(self, credential: Credential, code: Sensitive, verifier: Sensitive, redirect_uri: str) -> Grant:
        """Redeem an authorization code.

        Raises:
            ProviderError: The answer is no grant. The error carries the facts.
        """
        ...

    def refresh(self, credential: Credential, refresh_token: Sensitive) -> Grant:
        """Redeem a refresh token.

        Raises:
            ProviderError: The answer is no grant. The error carries the facts.
        """
        ...

    def identify(self, credential: Credential, grant: Grant, nonce: str, now: datetime) -> Identity:
        """Return who signed in; an identity that is not known if the provider tells nothing.

        Raises:
            InvalidIdTokenError: The provider names people, and the answer does not say who signed in.
        """
        ...

    def missing_scopes(self, credential: Credential, granted: str) -> tuple[str, ...]:
        """Return the scopes that the credential asks for and the provider has not granted."""
        ...

    def brings_refresh_token(self, credential: Credential) -> bool:
        """Tell whether the scope of a credential makes the provider issue a refresh token."""
        ...

    def diagnose(self, failure: ProviderFailure) -> Diagnosis:
        """Diagnose a failure of the token or the authorization endpoint."""
        ...

    def verify_account(
        self, credential: Credential, access_token: Sensitive | None, time_left: timedelta
    ) -> AccountAnswer | None:
        """Ask whether the owner of an access token has access to the account; ``None`` if there is nothing to ask."""
        ...


class Providers(Protocol):
    """Finds the provider of a credential."""

    def of(self, credential: Credential) -> Provider:
        """Return the provider that a document names.

        Raises:
            MalformedCredentialError: There is no such provider, its entry cannot be used, or the document lacks what it
                needs. The message names the key.
        """
        ...
