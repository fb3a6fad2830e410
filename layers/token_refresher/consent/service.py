"""A consent, from the link to the stored tokens. The first one and every reconnect are the same.

The steps are those of "A consent, step by step" in docs/architecture.md.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from token_refresher.base.clock import Clock, to_rfc3339
from token_refresher.base.errors import (
    CredentialNotFoundError,
    MalformedCredentialError,
    ServiceUnavailableError,
    VersionNotFoundError,
)
from token_refresher.base.failure import ProviderFailure
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.words import Words
from token_refresher.consent.code_exchange import CodeExchange
from token_refresher.consent.completion import ConsentCompletion
from token_refresher.consent.pending import ForeignBrowserError, PendingConsent, PendingConsents, cookie_key, digest
from token_refresher.consent.result import (
    ConsentEndedError,
    ConsentOutcome,
    ConsentResult,
    about,
    check_invite,
    operator_needed,
    refused,
)
from token_refresher.credential.document import Credential
from token_refresher.diagnosis.diagnosis import CONSENT_DECLINED, diagnose_malformed
from token_refresher.invites.invite import Invite
from token_refresher.invites.links import ConnectLinks, InvalidInviteError
from token_refresher.providers.authorization import AuthorizationRequest, SignInOptions
from token_refresher.providers.provider import Provider, Providers
from token_refresher.registry.issuer import Issuer
from token_refresher.rotation.rotations import Rotations

_WAIT_FOR_FIRST_HIT: Final = timedelta(seconds=8)
"""How long a second hit waits for the first one: most sign-ins are finished within two seconds."""

_POLL_SECONDS: Final = 0.5
"""The pause between two reads of the result of the first hit."""

_BEFORE_THE_CODE: Final = timedelta(seconds=20)
"""The time that reads before the exchange leave for the exchange and the writes: API Gateway waits for 30 seconds."""


@dataclass(frozen=True)
class LandingPage:
    """The facts that the landing page names.

    ``last_username`` is empty if nobody has consented before, or if the provider does not say who did.
    """

    credential: str
    words: Words
    account_id: str
    last_username: str
    last_consented_at: str
    account_name: str = ""
    is_sandbox: bool = False


@dataclass(frozen=True)
class AuthorizationRedirect:
    """The redirect of the browser to the provider, and the cookie that it sets.

    ``cookie_key`` is a part of the name of the cookie.
    """

    authorize_url: str
    cookie: Sensitive
    cookie_key: str = ""

    def __repr__(self) -> str:
        return "AuthorizationRedirect()"  # The URL holds the state.


@dataclass(frozen=True)
class AuthorizationResponse:
    """The authorization response that the browser brings from the provider: a code, or the facts of an error."""

    state: Sensitive
    cookie: Sensitive
    code: Sensitive | None
    failure: ProviderFailure


@dataclass(frozen=True)
class ConsentService:
    """Serves the three requests of a consent: the landing page, the redirect to the provider, and the callback."""

    rotations: Rotations
    consents: PendingConsents
    exchange: CodeExchange
    completion: ConsentCompletion
    links: ConnectLinks
    providers: Providers
    redirect_uri: str
    clock: Clock

    def landing(self, name: str, invite: str) -> LandingPage:
        """Return the facts for the landing page. It only reads, so a link scanner changes nothing.

        Raises:
            ConsentEndedError: The invite is not valid, or nobody can sign in with this document.
        """
        _, credential, provider = self._invited(name, invite)
        identity = credential.identity
        account_name = self.completion.account_name(name, credential.account_id) if credential.account_id else ""
        return LandingPage(
            name,
            provider.words,
            credential.account_id or "",
            identity.username if identity else "",
            to_rfc3339(identity.consented_at) if identity else "",
            account_name,
            credential.is_sandbox,
        )

    def start(self, name: str, invite: str, options: SignInOptions) -> AuthorizationRedirect:
        """Store a pending consent, and return the redirect to the provider.

        Raises:
            ConsentEndedError: The invite is not valid, or nobody can sign in with this document.
        """
        valid, credential, provider = self._invited(name, invite)
        pending, state, cookie = PendingConsent.begin(
            valid, options.accepted_person, self.clock(), self.redirect_uri, provider.words
        )
        self.consents.start(pending)
        request = AuthorizationRequest(
            state, pending.nonce, pending.code_challenge, self.redirect_uri, options, self.completion.challenge(name)
        )
        url = provider.authorization_url(credential, request)
        return AuthorizationRedirect(url, cookie, cookie_key(pending.state_digest))

    def complete(self, response: AuthorizationResponse, time_left: Callable[[], timedelta]) -> ConsentResult:
        """Take the state, exchange the code, check the account, store the tokens.

        The state works once. A second request with it, from the same browser, gets the result of the first.
        """
        state, cookie, now = digest(response.state), digest(response.cookie), self.clock()
        try:
            pending = self.consents.take(state, cookie, now)
            if pending is None:
                return self._of_the_first_hit(state, cookie, time_left)
        except ForeignBrowserError:
            return ConsentResult(ConsentOutcome.FOREIGN_BROWSER)
        except ConsentEndedError as ended:
            return ended.result
        under_way = ConsentResult(ConsentOutcome.UNDER_WAY, pending.credential, pending.invite, words=pending.words)
        self._remember(pending, under_way)
        try:
            result = self._finish(pending, response, time_left)
        except ConsentEndedError as ended:
            result = ended.result
        except CredentialNotFoundError:
            result = ConsentResult(ConsentOutcome.UNKNOWN_STATE)
        except (ServiceUnavailableError, VersionNotFoundError):
            # The code may be used up, so this sign-in cannot be finished. Another one can, a little later.
            result = ConsentResult(ConsentOutcome.STORE_DOWN, pending.credential, pending.invite)
        if result.credential:
            result = replace(result, words=pending.words)
        self._remember(pending, result)
        return result

    def _remember(self, pending: PendingConsent, result: ConsentResult) -> None:
        """Store the result for a second hit, if the table answers; the first hit shows it anyway."""
        with suppress(ServiceUnavailableError):
            self.consents.remember(pending, result, self.clock())

    def _of_the_first_hit(self, state: str, cookie: str, time_left: Callable[[], timedelta]) -> ConsentResult:
        """Return the result of the first hit, and wait a little for it: the page may be reloaded before it is there."""
        until = self.clock() + _WAIT_FOR_FIRST_HIT
        while (result := self.consents.result(state, cookie, self.clock())) is not None:
            if result.ending is not ConsentOutcome.UNDER_WAY or result.invite is None:
                return result
            if self.clock() >= until or time_left() <= _WAIT_FOR_FIRST_HIT:
                # The first hit may have ended without being able to store its result.
                with suppress(CredentialNotFoundError, MalformedCredentialError):
                    self._check(result.invite, self._current(result.credential))
                return result
            self.rotations.sleep(_POLL_SECONDS)
        return ConsentResult(ConsentOutcome.UNKNOWN_STATE)

    def _current(self, name: str) -> Credential:
        return self.rotations.at_once().current(name)[1].credential

    def _check(self, invite: Invite, credential: Credential, now: datetime | None = None) -> Provider:
        """Refuse an invite as `check_invite`, and return the provider of its credential.

        Raises:
            ConsentEndedError: The invite is not valid.
            MalformedCredentialError: As `Providers.of`.
        """
        try:
            check_invite(invite, credential, now)
        except ConsentEndedError as ended:
            with suppress(MalformedCredentialError):
                raise ConsentEndedError(replace(ended.result, words=self.providers.of(credential).words)) from None
            raise
        return self.providers.of(credential)

    def _invited(self, name: str, invite: str) -> tuple[Invite, Credential, Provider]:
        """Return a valid invite, its credential, and the provider of that."""
        try:
            valid = self.links.read(name, invite)
            credential = self._current(name)
            return valid, credential, self._check(valid, credential, self.clock())
        except (InvalidInviteError, CredentialNotFoundError):
            # One answer for both, so that nobody can find out which names exist.
            raise ConsentEndedError(ConsentResult(ConsentOutcome.INVALID_INVITE)) from None
        except MalformedCredentialError as error:
            raise ConsentEndedError(operator_needed(name, diagnose_malformed(error))) from None

    def _finish(
        self, pending: PendingConsent, response: AuthorizationResponse, time_left: Callable[[], timedelta]
    ) -> ConsentResult:
        name = pending.credential
        rotation = self.rotations.within(time_left)
        try:
            state, version = rotation.current(name, _BEFORE_THE_CODE)
        except MalformedCredentialError as error:
            return operator_needed(name, diagnose_malformed(error))
        credential = version.credential
        # Another tab, or another person with the same link, may have been faster.
        check_invite(pending.invite, credential)
        try:
            provider = self.providers.of(credential)
            if response.code is None:
                return about(self._refused_at_provider(pending, provider, response.failure), credential)
            with self.completion.begin(rotation, state, version, Issuer.of(provider)) as attempt:
                result = self.exchange.exchange(pending, credential, response.code, attempt, time_left)
        except ConsentEndedError as ended:
            result = ended.result
        except MalformedCredentialError as error:
            result = operator_needed(name, diagnose_malformed(error))
        return about(result, credential)

    def _refused_at_provider(
        self, pending: PendingConsent, provider: Provider, failure: ProviderFailure
    ) -> ConsentResult:
        """Return the result of an error that the browser brought.

        Anybody with a link can forge such an error, so no alert is sent: the page asks the person to pass it on.
        """
        diagnosis = provider.diagnose(failure)
        if diagnosis.meaning != CONSENT_DECLINED:
            self.completion.drop_challenge(pending.credential)
        return refused(pending.invite, diagnosis, provider.words)
