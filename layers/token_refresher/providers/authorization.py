"""The authorization request: the URL that a browser is sent to for a sign-in.

Sources: RFC 6749, section 4.1.1; RFC 7636, section 4.3; OpenID Connect Core 1.0, section 3.1.2.1
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.providers.catalogue.entry import ProviderEntry

_PROMPTS: Final = frozenset({"select_account", "consent"})
"""The values of ``prompt`` that the pages use."""


@dataclass(frozen=True)
class SignInOptions:
    """The options of the next sign-in, from the page that starts it.

    Attributes:
        prompt: ``consent`` to make the provider ask for the permissions again.
        accepted_person: A different person than last time whom the visitor has confirmed.
        login_hint: The account that the provider proposes: ``None`` for the last one that consented, empty for none.
    """

    prompt: str = ""
    accepted_person: str = ""
    login_hint: str | None = None


@dataclass(frozen=True)
class AuthorizationRequest:
    """The values of one sign-in.

    Attributes:
        state: The value that the answer must repeat (RFC 6749, section 10.12).
        nonce: The value that the ID token must repeat (OpenID Connect Core 1.0, section 3.1.2.1).
        code_challenge: The challenge for the PKCE verifier (RFC 7636, section 4.2).
        redirect_uri: The redirect URI, exactly as it is registered.
        options: The options of the page.
        claims: What the sign-in has to prove (`claims_challenge`), or empty.
    """

    state: Sensitive
    nonce: str
    code_challenge: str
    redirect_uri: str
    options: SignInOptions
    claims: str = ""


def authorization_url(entry: ProviderEntry, credential: Credential, scope: str, request: AuthorizationRequest) -> str:
    """Return the URL for one sign-in. It contains the state.

    Args:
        entry: How the provider behaves.
        credential: The credential to sign in for.
        scope: The scope of the sign-in, as the provider wants it.
        request: The values of the sign-in.
    """
    facts, options = entry.authorization, request.options
    query = {
        "client_id": credential.client_id,
        "response_type": "code",
        "redirect_uri": request.redirect_uri,
        "scope": scope,
        "state": request.state.reveal(),
        "nonce": request.nonce,
        **facts.parameters,
    }
    if facts.code_challenge_method:
        query |= {"code_challenge": request.code_challenge, "code_challenge_method": facts.code_challenge_method}
    if options.prompt in _PROMPTS and "prompt" in facts.parameters:
        query["prompt"] = options.prompt
    last = credential.identity.username if credential.identity else ""
    hint = last if options.login_hint is None else options.login_hint
    query |= {"login_hint": hint} if hint and facts.login_hint else {}
    query |= {"claims": request.claims} if request.claims else {}
    address = facts.authorization_endpoint.replace("{tenant}", credential.tenant)
    # RFC 6749, section 3.1: a query that the address has already is kept.
    separator = "&" if "?" in address else "?"
    return f"{address}{separator}{urlencode({name: value for name, value in query.items() if value})}"
