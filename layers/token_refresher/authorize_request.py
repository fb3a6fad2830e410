"""The authorize request: where the browser is sent for a sign-in, and with what.

Sources: RFC 6749, section 4.1.1; RFC 7636, section 4.3; OpenID Connect Core 1.0, section 3.1.2.1;
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from token_refresher.consents import StartedConsent
from token_refresher.credential import Credential
from token_refresher.sensitive import Sensitive
from token_refresher.token_endpoint import consent_scope

_CHOOSE: Final = "select_account"
"""Always asked for unless more is: nobody is signed in without a click of theirs at Microsoft, whoever sent them."""

_PROMPTS: Final = frozenset({_CHOOSE, "consent"})
"""The values of ``prompt`` that a page of ours asks for."""


@dataclass(frozen=True)
class Wish:
    """What a page of ours asks of the next sign-in.

    Attributes:
        prompt: ``consent`` to have Microsoft ask for the permissions again.
        accepted_person: Another person than last time, where the visitor agreed to it.
        login_hint: The account to propose: ``None`` for the one that consented last, empty for none.
    """

    prompt: str = ""
    accepted_person: str = ""
    login_hint: str | None = None


@dataclass(frozen=True)
class AuthorizeEndpoint:
    """The authorize endpoint of one authority, and the one address that it may send browsers back to.

    Attributes:
        authority_url: Microsoft's sign-in service.
        redirect_uri: As it is registered, character by character.
    """

    authority_url: str
    redirect_uri: str

    def url(self, credential: Credential, started: StartedConsent, state: Sensitive, wish: Wish, claims: str) -> str:
        """Return the address for one sign-in; it holds the state.

        Args:
            credential: What the sign-in is for.
            started: The consent that begins with it.
            state: Of that consent.
            wish: What the page asks for.
            claims: What the sign-in has to prove (`claims_challenge`), or empty.
        """
        last = credential.identity.username if credential.identity else ""
        hint = last if wish.login_hint is None else wish.login_hint
        query = {
            "client_id": credential.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "response_mode": "query",
            "scope": consent_scope(credential),
            "state": state.reveal(),
            "nonce": started.nonce,
            "code_challenge": started.code_challenge,
            "code_challenge_method": "S256",
            "prompt": wish.prompt if wish.prompt in _PROMPTS else _CHOOSE,
        }
        query |= {name: value for name, value in (("login_hint", hint), ("claims", claims)) if value}
        return f"{self.authority_url}/{credential.tenant}/oauth2/v2.0/authorize?{urlencode(query)}"
