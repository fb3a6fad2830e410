"""A consent, from the link to the stored tokens; the first one and every reconnect are the same.

The steps are those of "A consent, step by step" in docs/architecture.md.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from token_refresher.account_check import AccountCheck
from token_refresher.authorize_request import AuthorizeEndpoint, Wish
from token_refresher.clock import Clock, to_rfc3339
from token_refresher.connect_link import ConnectLinks, InvalidInviteError
from token_refresher.connection import Connection, ConnectionAttempt
from token_refresher.consent_result import ConsentEndedError, ConsentResult, Ending
from token_refresher.consents import Consents, ForeignBrowserError, StartedConsent, cookie_key, digest
from token_refresher.credential import Credential
from token_refresher.diagnosis import (
    CONSENT_DECLINED,
    Diagnosis,
    consent_without_refresh_token,
    diagnose,
    diagnose_malformed,
    unusable_answer,
)
from token_refresher.endings import NOT_THE_VISITOR, about, check_purpose, operator_needed, refused
from token_refresher.errors import (
    CredentialNotFoundError,
    GrantKeptError,
    MalformedCredentialError,
    ProviderError,
    ServiceUnavailableError,
    VersionNotFoundError,
)
from token_refresher.escrow import Escrow
from token_refresher.failure import ProviderFailure
from token_refresher.invite import Invite
from token_refresher.patience import Patience
from token_refresher.rotation import TOKENS_RESERVE, Rotation
from token_refresher.secret_store import SecretStore
from token_refresher.sensitive import Sensitive
from token_refresher.token_endpoint import TokenEndpoint

_PATIENCE_WITH_THE_FIRST: Final = timedelta(seconds=8)
"""How long a second hit waits for the first: most sign-ins are finished within two seconds."""

_A_MOMENT: Final = 0.5
"""Seconds between two looks."""

_BEFORE_THE_CODE: Final = timedelta(seconds=20)
"""What is kept for the exchange and the writes while the store is tried before it: API Gateway waits for 30 seconds."""


@dataclass(frozen=True)
class Landing:
    """What the landing page names."""

    credential: str
    account_id: str
    last_username: str
    last_consented_at: str
    account_name: str = ""
    is_sandbox: bool = False


@dataclass(frozen=True)
class Departure:
    """Where the browser goes, and the cookie that it takes along.

    ``cookie_key`` is what the cookie has in its name.
    """

    authorize_url: str
    cookie: Sensitive
    cookie_key: str = ""

    def __repr__(self) -> str:
        return "Departure()"  # The URL holds the state.


@dataclass(frozen=True)
class Arrival:
    """What the browser brings back from Microsoft: a code, or the facts of an error."""

    state: Sensitive
    cookie: Sensitive
    code: Sensitive | None
    failure: ProviderFailure


@dataclass(frozen=True)
class ConsentService:
    """Everything that a consent needs."""

    store: SecretStore
    escrow: Escrow
    consents: Consents
    endpoint: TokenEndpoint
    check: AccountCheck
    connection: Connection
    links: ConnectLinks
    clock: Clock
    authorize: AuthorizeEndpoint
    sleep: Callable[[float], None] = time.sleep

    def landing(self, name: str, invite: str) -> Landing:
        """Return what the landing page says; reads only, so that whoever scans links changes nothing.

        Raises:
            ConsentEndedError: The invite does not hold.
        """
        credential = self._invited(name, invite)[1]
        identity = credential.identity
        account_name = self.connection.account_name(name, credential.account_id) if credential.account_id else ""
        return Landing(
            name,
            credential.account_id or "",
            identity.username if identity else "",
            to_rfc3339(identity.consented_at) if identity else "",
            account_name,
            credential.is_sandbox,
        )

    def start(self, name: str, invite: str, wish: Wish) -> Departure:
        """Begin a consent: remember it, and send the browser to Microsoft.

        Raises:
            ConsentEndedError: The invite does not hold.
        """
        read, credential = self._invited(name, invite)
        started, state, cookie = StartedConsent.begin(read, wish.accepted_person, self.clock())
        self.consents.start(started)
        url = self.authorize.url(credential, started, state, wish, self.connection.challenge(name))
        return Departure(url, cookie, cookie_key(started.state_digest))

    def complete(self, arrival: Arrival, time_left: Callable[[], timedelta]) -> ConsentResult:
        """Take the state, exchange the code, check the account, store the tokens.

        The state works once; whoever comes again with it, in the same browser, is told what became of it.
        """
        state, cookie, now = digest(arrival.state), digest(arrival.cookie), self.clock()
        try:
            started = self.consents.take(state, cookie, now)
            if started is None:
                return self._of_the_first_hit(state, cookie, time_left)
        except ForeignBrowserError:
            return ConsentResult(Ending.FOREIGN_BROWSER)
        except ConsentEndedError as ended:
            return ended.result
        self._remember(started, ConsentResult(Ending.UNDER_WAY, started.credential, started.invite))
        try:
            result = self._finish(started, arrival, time_left)
        except ConsentEndedError as ended:
            result = ended.result
        except CredentialNotFoundError:
            result = ConsentResult(Ending.UNKNOWN_STATE)
        except (ServiceUnavailableError, VersionNotFoundError):
            # The code is used up, so that this sign-in cannot be finished; another one can, a little later.
            result = ConsentResult(Ending.STORE_DOWN, started.credential, started.invite)
        self._remember(started, result)
        return result

    def _remember(self, started: StartedConsent, result: ConsentResult) -> None:
        """Remember how a consent stands, for a second hit; whoever came first is shown it all the same."""
        with suppress(ServiceUnavailableError):
            self.consents.remember(started, result, self.clock())

    def _of_the_first_hit(self, state: str, cookie: str, time_left: Callable[[], timedelta]) -> ConsentResult:
        """Return what became of the first hit, and wait for it a little: a page was reloaded while it was at work."""
        until = self.clock() + _PATIENCE_WITH_THE_FIRST
        while (result := self.consents.result(state, cookie, self.clock())) is not None:
            if result.ending is not Ending.UNDER_WAY or result.invite is None:
                return result
            if self.clock() >= until or time_left() <= _PATIENCE_WITH_THE_FIRST:
                # It may have come to its end, and could not say so.
                with suppress(CredentialNotFoundError, MalformedCredentialError):
                    check_purpose(result.invite, self._rotation(_at_once).current(result.credential)[1].credential)
                return result
            self.sleep(_A_MOMENT)
        return ConsentResult(Ending.UNKNOWN_STATE)

    def _rotation(self, time_left: Callable[[], timedelta]) -> Rotation:
        return Rotation(self.store, self.escrow, Patience(time_left, self.sleep))

    def _invited(self, name: str, invite: str) -> tuple[Invite, Credential]:
        """Return an invite, and the credential that it is for, if it holds."""
        try:
            read = self.links.read(name, invite)
            credential = self._rotation(_at_once).current(name)[1].credential
        except (InvalidInviteError, CredentialNotFoundError):
            # The same answer for both: a guessed name must not tell whether it exists.
            raise ConsentEndedError(ConsentResult(Ending.INVALID_INVITE)) from None
        except MalformedCredentialError as error:
            raise ConsentEndedError(operator_needed(name, diagnose_malformed(error))) from None
        check_purpose(read, credential, self.clock())
        return read, credential

    def _finish(self, started: StartedConsent, arrival: Arrival, time_left: Callable[[], timedelta]) -> ConsentResult:
        name = started.credential
        rotation = self._rotation(time_left)
        try:
            state, version = rotation.current(name, _BEFORE_THE_CODE)
        except MalformedCredentialError as error:
            return operator_needed(name, diagnose_malformed(error))
        credential = version.credential
        # Another tab, or somebody else with the same link, may have been faster.
        check_purpose(started.invite, credential)
        if arrival.code is None:
            return about(self._refused_at_microsoft(started, diagnose(arrival.failure)), credential)
        try:
            with self.connection.begin(rotation, state, version) as attempt:
                result = self._exchange(started, credential, arrival.code, attempt, time_left)
        except ConsentEndedError as ended:
            result = ended.result
        return about(result, credential)

    def _exchange(
        self,
        started: StartedConsent,
        credential: Credential,
        code: Sensitive,
        attempt: ConnectionAttempt,
        time_left: Callable[[], timedelta],
    ) -> ConsentResult:
        if time_left() < self.endpoint.deadline + TOKENS_RESERVE:
            # Tokens that could not be stored in time had better not be issued; it costs one more sign-in.
            return ConsentResult(Ending.STORE_DOWN, started.credential, started.invite)
        try:
            grant = self.endpoint.redeem(credential, code, started.verifier, self.authorize.redirect_uri)
        except ProviderError as error:
            self.connection.record_challenge(started.credential, error.failure.claims)
            return self._failed(started, diagnose(error.failure))
        if grant.access_token is None or grant.expires_at is None:
            return self._failed(started, unusable_answer())
        if grant.refresh_token is None and "offline_access" not in credential.scope.split():
            return self._failed(started, consent_without_refresh_token())
        checked = self.check.check(started, credential, grant, time_left, attempt.account_name)
        try:
            attempt.connect(grant.consented_by(checked.identity), checked.answer)
            ending = Ending.CONNECTED
        except GrantKeptError:
            ending = Ending.CONNECTED_SOON
        result = ConsentResult(
            ending,
            started.credential,
            username=checked.identity.username,
            at=to_rfc3339(grant.expires_at),
            is_paused=attempt.entry.is_paused,
            account_name=attempt.account_name,
        )
        return checked.described(result, credential)

    def _refused_at_microsoft(self, started: StartedConsent, diagnosis: Diagnosis) -> ConsentResult:
        """Return the result of an error that came by the browser.

        Whoever holds a link can write it there, so that nobody is told but the person at the page: they pass it on.
        """
        if diagnosis.meaning != CONSENT_DECLINED:
            self.connection.drop_challenge(started.credential)
        return refused(started.invite, diagnosis)

    def _failed(self, started: StartedConsent, diagnosis: Diagnosis) -> ConsentResult:
        """Return the result of a failed sign-in or exchange; an operator who has to act is told at once."""
        told = diagnosis.actor in NOT_THE_VISITOR and self.connection.ask_operator(started.credential, diagnosis)
        return refused(started.invite, diagnosis, told=told)


def _at_once() -> timedelta:
    """A page that only reads is opened again sooner than it is worth waiting."""
    return timedelta(0)
