"""An entry of the catalogue: how one provider behaves. docs/provider.schema.json describes the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

from token_refresher.base import identifiers
from token_refresher.base.words import Words
from token_refresher.diagnosis.catalogue import OwnMeaning


class AuthMethod(StrEnum):
    """How a client proves to the token endpoint who it is (RFC 8414, section 2; RFC 7591, section 2)."""

    POST = "client_secret_post"
    BASIC = "client_secret_basic"
    PRIVATE_KEY_JWT = "private_key_jwt"
    NONE = "none"


class TokenRotation(StrEnum):
    """Whether a refresh brings another refresh token."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"
    NEVER = "never"


class Reuse(StrEnum):
    """What happens to a refresh token that is presented again after it was replaced."""

    NOTHING = "nothing"
    GRACE = "grace"
    REFUSED = "refused"
    REVOKES = "revokes"


class Dialect(StrEnum):
    """Which code reads the answers of the provider."""

    OAUTH2 = "oauth2"
    MICROSOFT = "microsoft"


@dataclass(frozen=True)
class AuthorizationFacts:
    """The authorization request (RFC 6749, section 4.1.1).

    Attributes:
        authorization_endpoint: The address, perhaps with ``{tenant}``; empty if only the document has it.
        code_challenge_method: ``S256``, or empty if the provider refuses PKCE.
        code_lifetime: How long a code may be redeemed, if that is known.
        parameters: Parameters beside those of the RFC.
        login_hint: Whether the provider understands ``login_hint``.
    """

    authorization_endpoint: str = ""
    code_challenge_method: str = "S256"
    code_lifetime: timedelta | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    login_hint: bool = False


@dataclass(frozen=True)
class TokenFacts:
    """The token endpoint (RFC 6749, section 3.2).

    Attributes:
        token_endpoint: The address, perhaps with ``{tenant}``; empty if only the document has it.
        auth_methods: The methods that the endpoint accepts, the preferred one first.
        error_member: The member of an error answer that holds the code.
    """

    token_endpoint: str = ""
    auth_methods: tuple[AuthMethod, ...] = (AuthMethod.POST, AuthMethod.NONE)
    error_member: str = "error"


@dataclass(frozen=True)
class ScopeFacts:
    """Scopes (RFC 6749, section 3.3).

    Attributes:
        default: The scope of a document that has none; empty if each document must have one.
        separator: What the provider wants between scopes.
        refresh_token: The scope that brings a refresh token; empty if none is needed.
        identity: The scopes that are added to a sign-in, so that the answer says who signed in.
        sent_at_refresh: Whether a refresh repeats the scope.
    """

    default: str = ""
    separator: str = " "
    refresh_token: str = ""
    identity: str = ""
    sent_at_refresh: bool = False


@dataclass(frozen=True)
class RefreshTokenFacts:
    """The life of a refresh token.

    Attributes:
        rotation: Whether a refresh brings another refresh token; ``None`` if that is not known.
        reuse: What happens to one that is presented again; ``None`` if that is not known.
        grace: How long it still works after that, for `Reuse.GRACE`.
        lifetime: Its end, counted from the consent, or from its issue if `is_extended`; ``None`` if it has no end.
        is_extended: Whether a refresh moves that end.
        lifetime_member: The member of an answer with the seconds that it still lives, or empty.
        idle: How long it may be unused; ``None`` if that does not end it.
        limit: How many there may be, in plain words, or empty.
    """

    rotation: TokenRotation | None = None
    reuse: Reuse | None = None
    grace: timedelta | None = None
    lifetime: timedelta | None = None
    is_extended: bool = False
    lifetime_member: str = ""
    idle: timedelta | None = None
    limit: str = ""


@dataclass(frozen=True)
class IdentityFacts:
    """Where an answer of the token endpoint says who signed in.

    Attributes:
        is_id_token: Whether claims of the ID token say it; otherwise members of the answer itself do.
        subject: The claims or members that identify the person, together.
        username: The claim or member that people know the person by, or empty.
    """

    is_id_token: bool
    subject: tuple[str, ...]
    username: str = ""


@dataclass(frozen=True)
class Source:
    """A page that facts were read in, and the day."""

    url: str
    looked_at: str


@dataclass(frozen=True)
class ProviderEntry:
    """How one provider behaves.

    Attributes:
        name: The value of the document's key ``provider``, and the name of the file.
        words: How texts name the provider.
        dialect: Which code reads the answers.
        has_advertising_accounts: Whether Microsoft Advertising can tell if a person has access to an account.
        account_api_headers: The headers that its API needs with a token of this provider.
        access_token_lifetime: How long an access token lives, if an answer does not say so.
        identity: Where an answer says who signed in; ``None`` if it does not.
        access_check_url: A page that the access token opens; empty if none is known.
        errors: The meanings of the provider's own error codes.
        sources: The pages that the facts were read in, by key.
    """

    name: str
    words: Words
    authorization: AuthorizationFacts
    token: TokenFacts
    dialect: Dialect = Dialect.OAUTH2
    has_advertising_accounts: bool = False
    account_api_headers: Mapping[str, str] = field(default_factory=dict)
    scope: ScopeFacts = ScopeFacts()
    access_token_lifetime: timedelta | None = None
    refresh_token: RefreshTokenFacts = RefreshTokenFacts()
    identity: IdentityFacts | None = None
    access_check_url: str = ""
    errors: Mapping[str, OwnMeaning] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)

    @property
    def authority(self) -> str:
        """The scheme and the host of the token endpoint, which fails for all its credentials or for none."""
        return origin(self.token.token_endpoint)

    def at(self, authority_url: str) -> Self:
        """Return the entry with its two endpoints at another address, such as a sovereign cloud or a local server."""
        return self.with_endpoints(
            _moved(self.authorization.authorization_endpoint, authority_url),
            _moved(self.token.token_endpoint, authority_url),
        )

    def with_auth_method(self, method: AuthMethod) -> Self:
        """Return the entry with this one method of client authentication."""
        return replace(self, token=replace(self.token, auth_methods=(method,)))

    def with_endpoints(self, authorization_endpoint: str, token_endpoint: str) -> Self:
        """Return the entry with these endpoints."""
        return replace(
            self,
            authorization=replace(self.authorization, authorization_endpoint=authorization_endpoint),
            token=replace(self.token, token_endpoint=token_endpoint),
        )


def origin(url: str) -> str:
    """Return the scheme, the host and the port of an address, in their normal form (RFC 6454, section 4)."""
    parts = urlsplit(url)
    return identifiers.url(f"{parts.scheme}://{parts.netloc}")


def _moved(url: str, authority_url: str) -> str:
    parts = urlsplit(url)
    return f"{authority_url.rstrip('/')}{parts.path}"
