"""The exchange of the authorization code (RFC 6749, section 4.1.3), the check of its grant, and the storage."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from token_refresher.base.clock import to_rfc3339
from token_refresher.base.errors import GrantKeptError, ProviderError
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.words import Words
from token_refresher.consent.completion import ConsentAttempt, ConsentCompletion
from token_refresher.consent.grant_check import GrantCheck
from token_refresher.consent.pending import PendingConsent
from token_refresher.consent.result import NOT_THE_VISITOR, ConsentOutcome, ConsentResult, refused
from token_refresher.credential.document import Credential
from token_refresher.diagnosis.diagnosis import (
    Diagnosis,
    consent_without_refresh_token,
    our_own,
    unusable_answer,
)
from token_refresher.providers.id_token import InvalidIdTokenError
from token_refresher.providers.provider import Providers
from token_refresher.rotation.rotation import TOKENS_RESERVE


@dataclass(frozen=True)
class CodeExchange:
    """Exchanges the code of a consent, and stores the grant if it passes the check.

    Attributes:
        providers: Finds the provider of a credential.
        check: The check of the grant.
        completion: Stores and records it.
        redirect_uri: The redirect URI of a consent that does not name its own.
    """

    providers: Providers
    check: GrantCheck
    completion: ConsentCompletion
    redirect_uri: str

    def exchange(
        self,
        pending: PendingConsent,
        credential: Credential,
        code: Sensitive,
        attempt: ConsentAttempt,
        time_left: Callable[[], timedelta],
    ) -> ConsentResult:
        """Exchange a code, check the grant and store it.

        Raises:
            ConsentEndedError: The grant must not be stored.
            MalformedCredentialError: The document lacks what its provider needs.
            ServiceUnavailableError: Neither Secrets Manager nor the escrow took the grant.
        """
        provider = self.providers.of(credential)
        if time_left() < provider.deadline + TOKENS_RESERVE:
            # There would be no time to store the tokens. Another sign-in costs less than lost tokens.
            return ConsentResult(ConsentOutcome.STORE_DOWN, pending.credential, pending.invite)
        try:
            # It must be that of the authorization request (RFC 6749, section 4.1.3); PublicUrl may be another by now.
            redirect_uri = pending.redirect_uri or self.redirect_uri
            grant = provider.redeem(credential, code, pending.verifier, redirect_uri)
        except ProviderError as error:
            self.completion.record_challenge(pending.credential, error.failure.claims)
            return self._failed(pending, provider.diagnose(error.failure), provider.words)
        words = provider.words
        if grant.access_token is None or grant.expires_at is None:
            return self._failed(pending, unusable_answer(words), words)
        if grant.refresh_token is None and not provider.brings_refresh_token(credential):
            return self._failed(pending, consent_without_refresh_token(words), words)
        try:
            checked = self.check.check(pending, credential, grant, time_left, attempt.account_name)
        except InvalidIdTokenError as invalid:
            failed = self._failed(pending, our_own(f"id_token_{invalid.fault}", words), words)
            return replace(failed, ending=ConsentOutcome.NO_IDENTITY, invite=None)
        try:
            attempt.store_grant(grant.consented_by(checked.identity), checked.answer)
            outcome = ConsentOutcome.CONNECTED
        except GrantKeptError:
            outcome = ConsentOutcome.CONNECTED_SOON
        result = ConsentResult(
            outcome,
            pending.credential,
            username=checked.identity.username,
            at=to_rfc3339(grant.expires_at),
            is_paused=attempt.entry.is_paused,
            account_name=attempt.account_name,
        )
        return checked.described(result, credential)

    def _failed(self, pending: PendingConsent, diagnosis: Diagnosis, words: Words) -> ConsentResult:
        """Return the result of a failed exchange; notify the operator at once if they have to act."""
        notified = diagnosis.actor in NOT_THE_VISITOR and self.completion.ask_operator(pending.credential, diagnosis)
        return refused(pending.invite, diagnosis, words, notified=notified)
