"""An authorization server in memory, behind the interface of the client of its token endpoint."""

import base64
import hashlib
import json
from collections import deque
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.fakes.calls import Calls
from tests.fakes.failures import REVOKED, refused
from token_refresher.base.clock import Clock
from token_refresher.base.errors import ProviderError
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.timeouts import INTERACTIVE
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.providers.token_endpoint import TokenEndpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from token_refresher.base.failure import ProviderFailure

LIFETIME = timedelta(hours=1)


class Kind(Enum):
    """What a refresh does to the refresh token that it presents."""

    MICROSOFT = "the answer has a successor, and the old token goes on working"
    STRICT = "the answer has a successor, and using the old token revokes the whole family"
    NONE = "the answer has no refresh token, and the old token goes on working"


@dataclass(frozen=True)
class Person:
    """A person with an account at Microsoft."""

    username: str
    object_id: str
    tenant_id: str = "tenant-of-the-owner"


OWNER = Person("ads-owner@example.com", "object-of-the-owner")
DEPUTY = Person("ads-deputy@example.com", "object-of-the-deputy")


@dataclass(frozen=True)
class _Code:
    challenge: str
    nonce: str
    redirect_uri: str
    person: Person
    scope: str
    with_refresh_token: bool
    without_claims: tuple[str, ...]
    with_id_token: bool


@dataclass
class _Family:
    current: str
    spent: set[str]
    revoked: bool = False


class FakeAuthority(TokenEndpoint):
    """Issues tokens with numbers in their names, so that a test sees which one is the newest."""

    def __init__(self, clock: Clock, calls: Calls | None = None, kind: Kind = Kind.MICROSOFT) -> None:
        self.calls = calls or Calls()
        self.kind = kind
        self.issued: list[str] = []
        """Every refresh token, oldest first."""
        self.signed_in_with: list[str] = []
        """The client secret of every request for a refresh."""
        self.presented: list[str] = []
        """The fingerprint of every refresh token that was presented."""
        self.consents: set[str] = set()
        """The refresh tokens that were issued for a person's consent."""
        self.grants: list[Grant] = []
        """Every grant, oldest first, also one whose answer was cut off."""
        self.cut_off = False
        """Whether the next answer to a refresh is cut off after its refresh token."""
        self.granted_scope = ""
        """The scope that refreshes grant; empty for the scope of the request."""
        self.on_present: Callable[[str], None] = lambda _: None
        """Called with every refresh token that is presented."""
        self.on_issue: Callable[[str], None] = lambda _: None
        """Called with every refresh token that is issued to a client."""
        self.failures: deque[ProviderFailure] = deque()
        """The failures that the next requests get instead of a grant."""
        self._clock = clock
        self._families: list[_Family] = []
        self._codes: dict[str, _Code] = {}
        self._access_tokens = 0
        self._codes_issued = 0

    @property
    def deadline(self) -> timedelta:
        """See `TokenEndpoint.deadline`."""
        return INTERACTIVE.deadline

    @property
    def newest(self) -> str:
        """The refresh token that was issued last."""
        return self.issued[-1]

    def open_family(self) -> str:
        """Issue the first refresh token of a new sign-in."""
        token = self._issue()
        self._families.append(_Family(token, set()))
        return token

    def revoke(self, token: str) -> None:
        """End the sign-in that a refresh token came from."""
        family = self._family(token)
        assert family is not None
        family.revoked = True

    def family_of(self, token: str) -> int:
        """Return the number of the sign-in that a refresh token came from, counted from 0."""
        family = self._family(token)
        assert family is not None, "not a token of this provider"
        return self._families.index(family)

    def sign_in(
        self,
        authorize_url: str,
        person: Person = OWNER,
        *,
        scope: str = "https://ads.microsoft.com/msads.manage",
        with_refresh_token: bool = True,
        repeating_nonce: bool = True,
        without_claims: tuple[str, ...] = (),
        with_id_token: bool = True,
    ) -> tuple[str, str]:
        """Sign in and consent, as a person in a browser does; return the state and the code of the redirect."""
        query = {key: values[0] for key, values in parse_qs(urlsplit(authorize_url).query).items()}
        assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
        self._codes_issued += 1
        code = f"code-{self._codes_issued}"
        nonce = query["nonce"] if repeating_nonce else "of-another-sign-in"
        self._codes[code] = _Code(
            query["code_challenge"],
            nonce,
            query["redirect_uri"],
            person,
            scope,
            with_refresh_token,
            without_claims,
            with_id_token,
        )
        return query["state"], code

    def refresh(self, credential: Credential, refresh_token: Sensitive) -> Grant:
        """See `TokenEndpoint.refresh`."""
        with self.calls.boundary("authority.refresh"):
            self.presented.append(refresh_token.fingerprint)
            self.signed_in_with.append(credential.client_secret.reveal() if credential.client_secret else "")
            self.on_present(refresh_token.reveal())
            self._fail_as_planned()
            family = self._family(refresh_token.reveal())
            if family is None or family.revoked:
                raise ProviderError(REVOKED)
            if self.kind is Kind.STRICT and refresh_token.reveal() in family.spent:
                family.revoked = True
                raise ProviderError(REVOKED)
            grant = self._new_grant(self.granted_scope or credential.scope, self._successor(family))
            if self.cut_off and grant.refresh_token is not None:
                self.cut_off = False
                return replace(grant, access_token=None, expires_at=None)
            return grant

    def redeem(self, credential: Credential, code: Sensitive, verifier: Sensitive, redirect_uri: str) -> Grant:
        """See `TokenEndpoint.redeem`."""
        with self.calls.boundary("authority.redeem"):
            self._fail_as_planned()
            known = self._codes.pop(code.reveal(), None)
            if known is None or known.challenge != _challenge(verifier) or known.redirect_uri != redirect_uri:
                raise ProviderError(refused(None))
            refresh_token = self.open_family() if known.with_refresh_token else None
            if refresh_token:
                self.consents.add(refresh_token)
                self.on_issue(refresh_token)
            return self._new_grant(
                known.scope, refresh_token, _id_token(credential.client_id, known) if known.with_id_token else None
            )

    def _fail_as_planned(self) -> None:
        if self.failures:
            raise ProviderError(self.failures.popleft())

    def _family(self, token: str) -> _Family | None:
        return next((one for one in self._families if token == one.current or token in one.spent), None)

    def _successor(self, family: _Family) -> str | None:
        if self.kind is Kind.NONE:
            return None
        family.spent.add(family.current)
        family.current = self._issue()
        self.on_issue(family.current)
        return family.current

    def _issue(self) -> str:
        self.issued.append(f"refresh-{len(self.issued) + 1}")
        return self.issued[-1]

    def _new_grant(self, scope: str, refresh_token: str | None, id_token: str | None = None) -> Grant:
        self._access_tokens += 1
        grant = Grant(
            access_token=Sensitive(f"access-{self._access_tokens}"),
            token_type="Bearer",
            expires_at=self._clock() + LIFETIME,
            scope=scope,
            refresh_token=Sensitive(refresh_token) if refresh_token else None,
            issued_at=self._clock(),
            id_token=Sensitive(id_token) if id_token else None,
        )
        self.grants.append(grant)
        return grant


def _challenge(verifier: Sensitive) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.reveal().encode()).digest()).rstrip(b"=").decode()


def _id_token(client_id: str, code: _Code) -> str:
    claims = {
        "aud": client_id.lower(),  # Microsoft writes it in lower case, however the client id was written.
        "nonce": code.nonce,
        "tid": code.person.tenant_id,
        "oid": code.person.object_id,
        "preferred_username": code.person.username,
    }
    claims = {name: claim for name, claim in claims.items() if name not in code.without_claims}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"header.{payload}.unsigned"
