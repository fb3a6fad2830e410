"""The authorization request: the URL that a browser is sent to for a sign-in.

Sources: RFC 6749, section 4.1.1; RFC 7636, section 4.3; OpenID Connect Core 1.0, section 3.1.2.1;
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.credential.scopes import consent_scope

_SELECT_ACCOUNT: Final = "select_account"
"""The default ``prompt``: Microsoft signs nobody in without a click, whoever sent the person there."""

_PROMPTS: Final = frozenset({_SELECT_ACCOUNT, "consent"})
"""The values of ``prompt`` that the pages use."""


@dataclass(frozen=True)
class SignInOptions:
    """The options of the next sign-in, from the page that starts it.

    Attributes:
        prompt: ``consent`` to make Microsoft ask for the permissions again.
        accepted_person: A different person than last time whom the visitor has confirmed.
        login_hint: The account that Microsoft proposes: ``None`` for the last one that consented, empty for none.
    """

    prompt: str = ""
    accepted_person: str = ""
    login_hint: str | None = None


@dataclass(frozen=True)
class AuthorizeEndpoint:
    """The authorization endpoint of one authority, and the redirect URI.

    Attributes:
        authority_url: The URL of Microsoft's sign-in service.
        redirect_uri: The redirect URI, exactly as it is registered.
    """

    authority_url: str
    redirect_uri: str

    def url(
        self,
        credential: Credential,
        state: Sensitive,
        *,
        nonce: str,
        code_challenge: str,
        options: SignInOptions,
        claims: str,
    ) -> str:
        """Return the URL for one sign-in. It contains the state.

        Args:
            credential: The credential to sign in for.
            state: The value that the answer must repeat (RFC 6749, section 10.12).
            nonce: The value that the ID token must repeat (OpenID Connect Core 1.0, section 3.1.2.1).
            code_challenge: The challenge for the PKCE verifier (RFC 7636, section 4.2).
            options: The options of the page.
            claims: What the sign-in has to prove (`claims_challenge`), or empty.
        """
        last = credential.identity.username if credential.identity else ""
        hint = last if options.login_hint is None else options.login_hint
        query = {
            "client_id": credential.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "response_mode": "query",
            "scope": consent_scope(credential.scope),
            "state": state.reveal(),
            "nonce": nonce,
            "code_challenge": code_challenge,
            "code_challenge_method": "S256",
            "prompt": options.prompt if options.prompt in _PROMPTS else _SELECT_ACCOUNT,
        }
        query |= {name: value for name, value in (("login_hint", hint), ("claims", claims)) if value}
        return f"{self.authority_url}/{credential.tenant}/oauth2/v2.0/authorize?{urlencode(query)}"
