"""Any OAuth provider, as its entry of the catalogue describes it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from token_refresher.base.failure import ProviderFailure
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.text import readable
from token_refresher.base.words import Words
from token_refresher.credential.account import AccountAnswer
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.credential.identity import Identity
from token_refresher.credential.scopes import missing_scopes
from token_refresher.diagnosis.diagnosis import Diagnosis, diagnose
from token_refresher.providers.authorization import AuthorizationRequest, authorization_url
from token_refresher.providers.catalogue.entry import ProviderEntry
from token_refresher.providers.id_token import Fault, InvalidIdTokenError, verified_claims
from token_refresher.providers.refresh_token_life import fixed_end
from token_refresher.providers.requested_scope import scope_of, sign_in_scope
from token_refresher.providers.token_endpoint import TokenEndpoint

if TYPE_CHECKING:
    from token_refresher.providers.microsoft.ads_api import AdsApi


@dataclass(frozen=True)
class OAuth2Provider:
    """A provider that does what the RFCs say, in the ways that its entry says.

    Attributes:
        entry: How it behaves.
        endpoint: The client of its token endpoint.
        authority: The key of circuits and incidents.
        ads_api: The client of the Microsoft Advertising API, for entries whose accounts it knows.
    """

    entry: ProviderEntry
    endpoint: TokenEndpoint
    authority: str
    ads_api: "AdsApi"

    @property
    def words(self) -> Words:
        """See `Provider.words`."""
        return self.entry.words

    @property
    def deadline(self) -> timedelta:
        """See `Provider.deadline`."""
        return self.endpoint.deadline

    def authorization_url(self, credential: Credential, request: AuthorizationRequest) -> str:
        """See `Provider.authorization_url`."""
        return authorization_url(self.entry, credential, sign_in_scope(self.entry, credential), request)

    def prepare(self, credential: Credential) -> None:
        """See `Provider.prepare`."""
        self.endpoint.prepare(credential)

    def redeem(self, credential: Credential, code: Sensitive, verifier: Sensitive, redirect_uri: str) -> Grant:
        """See `Provider.redeem`."""
        return self._with_end(self.endpoint.redeem(credential, code, verifier, redirect_uri), None)

    def refresh(self, credential: Credential, refresh_token: Sensitive) -> Grant:
        """See `Provider.refresh`."""
        return self._with_end(self.endpoint.refresh(credential, refresh_token), credential)

    def _with_end(self, grant: Grant, before: Credential | None) -> Grant:
        """Return the grant with the end of its refresh token that no refresh moves."""
        return replace(grant, refresh_token_expires_at=fixed_end(self.entry.refresh_token, grant, before))

    def identify(self, credential: Credential, grant: Grant, nonce: str, now: datetime) -> Identity:
        """See `Provider.identify`."""
        facts = self.entry.identity
        if facts is None:
            return Identity.unknown(now)
        members: dict[str, Any] = dict(grant.person)
        if facts.is_id_token:
            if grant.id_token is None and not set(self.entry.scope.identity.split()) <= _granted(grant.scope):
                return Identity.unknown(now)  # The operator's application may not ask who signs in.
            members = verified_claims(grant.id_token, credential.client_id, nonce, now, is_strict=False)
        subject = [readable(str(members.get(name) or "")) for name in facts.subject]
        if not all(subject):
            raise InvalidIdTokenError(Fault.INCOMPLETE)
        username = readable(str(members.get(facts.username) or "")) if facts.username else ""
        return Identity(username, "", "", now, subject="/".join(subject))

    def missing_scopes(self, credential: Credential, granted: str) -> tuple[str, ...]:
        """See `Provider.missing_scopes`."""
        return missing_scopes(scope_of(self.entry, credential), granted)

    def brings_refresh_token(self, credential: Credential) -> bool:
        """See `Provider.brings_refresh_token`."""
        needed = self.entry.scope.refresh_token
        return not needed or needed in scope_of(self.entry, credential).split()

    def diagnose(self, failure: ProviderFailure) -> Diagnosis:
        """See `Provider.diagnose`."""
        return diagnose(failure, self.entry.words, self.entry.errors)

    def verify_account(
        self, credential: Credential, access_token: Sensitive | None, time_left: timedelta
    ) -> AccountAnswer | None:
        """See `Provider.verify_account`."""
        if not self.entry.has_advertising_accounts:
            return None
        return self.ads_api.verify_account(credential, access_token, time_left, self.entry.account_api_headers)


def _granted(scope: str) -> set[str]:
    return set(scope.split())
