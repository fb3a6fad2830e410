"""An authorization server in memory, behind the interface of the client of its token endpoint."""

import base64
import hashlib
import json
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.fakes.calls import Calls
from tests.fakes.failures import REVOKED, refused
from tests.fakes.kind import Kind
from token_refresher.base.clock import Clock
from token_refresher.base.errors import ProviderError
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.timeouts import INTERACTIVE
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.providers.catalogue.entry import Dialect, ProviderEntry, Reuse
from token_refresher.providers.token_endpoint import TokenEndpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from token_refresher.base.failure import ProviderFailure

LIFETIME = timedelta(hours=1)


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
    replaced: dict[str, datetime]
    """When each older token was replaced."""
    uses: int = 0
    """How often the current token was used."""
    revoked: bool = False


class FakeAuthority(TokenEndpoint):
    """Issues tokens with numbers in their names, so that a test sees which one is the newest.

    Args:
        clock: The clock of the world.
        calls: The log of calls.
        kind: What a refresh does to refresh tokens; what the entry says, if there is one.
        entry: The provider of the catalogue that it behaves like; ``None`` for Microsoft.
    """

    def __init__(
        self,
        clock: Clock,
        calls: Calls | None = None,
        kind: Kind = Kind.MICROSOFT,
        entry: ProviderEntry | None = None,
    ) -> None:
        self.calls = calls or Calls()
        self.kind = Kind.of(entry) if entry else kind
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
        self._other = entry if entry and entry.dialect is not Dialect.MICROSOFT else None
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
        self._families.append(_Family(token, {}))
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
        scope: str = "",
        with_refresh_token: bool = True,
        repeating_nonce: bool = True,
        without_claims: tuple[str, ...] = (),
        with_id_token: bool = True,
    ) -> tuple[str, str]:
        """Sign in and consent, as a person in a browser does; return the state and the code of the redirect."""
        query = {key: values[0] for key, values in parse_qs(urlsplit(authorize_url).query).items()}
        method = self._other.authorization.code_challenge_method if self._other else "S256"
        assert (query["response_type"], query.get("code_challenge_method", "")) == ("code", method)
        self._codes_issued += 1
        code = f"code-{self._codes_issued}"
        nonce = query["nonce"] if repeating_nonce else "of-another-sign-in"
        self._codes[code] = _Code(
            query.get("code_challenge", ""),
            nonce,
            query["redirect_uri"],
            person,
            scope or self._scope_of(query["scope"]),
            with_refresh_token,
            without_claims,
            with_id_token,
        )
        return query["state"], code

    def prepare(self, credential: Credential) -> None:
        """See `TokenEndpoint.prepare`. It asks for no proof."""

    def refresh(self, credential: Credential, refresh_token: Sensitive) -> Grant:
        """See `TokenEndpoint.refresh`."""
        with self.calls.boundary("authority.refresh"):
            self.presented.append(refresh_token.fingerprint)
            self.signed_in_with.append(credential.client_secret.reveal() if credential.client_secret else "")
            self.on_present(refresh_token.reveal())
            self._fail_as_planned()
            family = self._family(refresh_token.reveal())
            if family is None or family.revoked:
                raise ProviderError(self._revoked)
            replaced_at = family.replaced.get(refresh_token.reveal())
            if replaced_at is not None and not self.kind.accepts(replaced_at, self._clock()):
                family.revoked = self.kind.reuse is Reuse.REVOKES
                raise ProviderError(self._revoked)
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
            proofs = ("", _challenge(verifier)) if self._other else (_challenge(verifier),)
            if known is None or known.challenge not in proofs or known.redirect_uri != redirect_uri:
                raise ProviderError(refused(None))
            refresh_token = self.open_family() if known.with_refresh_token else None
            if refresh_token:
                self.consents.add(refresh_token)
                self.on_issue(refresh_token)
            is_other = self._other is not None
            id_token = _id_token(credential.client_id, known, is_other=is_other) if known.with_id_token else None
            grant = self._new_grant(known.scope, refresh_token, id_token)
            return replace(grant, person=_members(known.person)) if self._other else grant

    @property
    def _revoked(self) -> "ProviderFailure":
        """The refusal of a sign-in that has ended: of other providers only the code of the RFC."""
        return refused(None) if self._other else REVOKED

    def _scope_of(self, asked: str) -> str:
        """Return the scope that an answer grants."""
        if self._other is None:
            return "https://ads.microsoft.com/msads.manage"
        return " ".join(asked.split(self._other.scope.separator))

    def _fail_as_planned(self) -> None:
        if self.failures:
            raise ProviderError(self.failures.popleft())

    def _family(self, token: str) -> _Family | None:
        return next((one for one in self._families if token == one.current or token in one.replaced), None)

    def _successor(self, family: _Family) -> str | None:
        """Return the refresh token of an answer; where a provider rotates sometimes, the same one in the others."""
        if not self.kind.rotates:
            return None
        family.uses += 1
        if self.kind.replaces(family.uses - 1):
            family.replaced[family.current] = self._clock()
            family.current, family.uses = self._issue(), 0
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


def _id_token(client_id: str, code: _Code, *, is_other: bool) -> str:
    claims = {
        "aud": client_id.lower(),  # Microsoft writes it in lower case, however the client id was written.
        "nonce": code.nonce,
        "tid": code.person.tenant_id,
        "oid": code.person.object_id,
        "preferred_username": code.person.username,
    }
    claims |= {"sub": code.person.object_id, "email": code.person.username} if is_other else {}
    claims = {name: claim for name, claim in claims.items() if name not in code.without_claims}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"header.{payload}.unsigned"


def _members(person: Person) -> dict[str, str]:
    """Return what answers without an ID token may say of a person."""
    return {"hub_id": "7654321", "user_id": person.object_id, "id": f"https://login.example.com/id/{person.object_id}"}
