"""The client of the token endpoint: redeems authorization codes and refresh tokens.

Sources: RFC 6749, sections 4.1.3, 5 and 6; RFC 7636, section 4.5;
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from token_refresher.base.clock import Clock
from token_refresher.base.errors import ProviderError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.credential.scopes import consent_scope
from token_refresher.providers.http import HttpAnswer, HttpClient
from token_refresher.providers.refusal_facts import refusal_facts, text_member

_UNSTATED_LIFETIME: Final = timedelta(minutes=10)
"""The lifetime if ``expires_in`` is missing or no number: the shortest one that a tenant's policy can set."""

_SUCCESS: Final = 200
_REDIRECT: Final = 300
_CLIENT_ERROR: Final = 400
_BY_STATUS: Final = {
    401: Reason.FORBIDDEN,
    403: Reason.FORBIDDEN,
    404: Reason.NOT_FOUND,
    405: Reason.NOT_FOUND,
    407: Reason.PROXY_WANTS_SIGN_IN,
    410: Reason.NOT_FOUND,
    451: Reason.FORBIDDEN,
}
"""The reason of an error answer without any OAuth member, by its status (RFC 9110, section 15; RFC 7725)."""

_REFRESH_TOKEN = re.compile(rb'"refresh_token"\s*:\s*("(?:[^"\\]|\\.)*")')


class TokenEndpoint:
    """Exchanges grants for tokens at ``{authority}/{tenant}/oauth2/v2.0/token``."""

    def __init__(self, http: HttpClient, authority_url: str, clock: Clock) -> None:
        self._http = http
        self._authority_url = authority_url.rstrip("/")
        self._clock = clock

    @property
    def deadline(self) -> timedelta:
        """The longest time of one call."""
        return self._http.deadline

    def refresh(self, credential: Credential, refresh_token: Sensitive) -> Grant:
        """Redeem a refresh token (RFC 6749, section 6), always with the scope.

        Raises:
            ProviderError: The answer is no grant. The error carries the facts.
        """
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token.reveal(),
            # Optional in the RFC. Without it, Microsoft may return a token for less than was consented to.
            "scope": credential.scope,
        }
        return self._exchange(credential, form)

    def redeem(self, credential: Credential, code: Sensitive, verifier: Sensitive, redirect_uri: str) -> Grant:
        """Redeem an authorization code with its PKCE verifier (RFC 6749, section 4.1.3; RFC 7636, section 4.5).

        Raises:
            ProviderError: The answer is no grant. The error carries the facts.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code.reveal(),
            "code_verifier": verifier.reveal(),
            "redirect_uri": redirect_uri,
            "scope": consent_scope(credential.scope),
        }
        return self._exchange(credential, form)

    def _exchange(self, credential: Credential, form: dict[str, str]) -> Grant:
        form = {"client_id": credential.client_id, **form}
        if credential.client_secret is not None:
            form["client_secret"] = credential.client_secret.reveal()
        answer = self._http.post_form(f"{self._authority_url}/{credential.tenant}/oauth2/v2.0/token", form)
        if not _is_success(answer):
            raise ProviderError(_refusal(answer))
        return self._grant(answer, credential)

    def _grant(self, answer: HttpAnswer, credential: Credential) -> Grant:
        """Read the tokens of an answer. A refresh token is kept, whatever else is wrong with the answer."""
        fields = (answer.json_object() if answer.whole else None) or _salvaged(answer.body)
        access_token, refresh_token = _sensitive(fields, "access_token"), _sensitive(fields, "refresh_token")
        lifetime = _lifetime(fields.get("expires_in"))
        if lifetime is None and access_token is not None and refresh_token is None:
            ended = Reason.ACCESS_TOKEN_ENDED
            raise ProviderError(ProviderFailure(FailureKind.UNUSABLE_ANSWER, answer.status, reason=ended))
        if access_token is None and refresh_token is None:
            raise ProviderError(_without_tokens(answer))
        issued_at = self._clock()
        # An expired access token is dropped: the stored one may still be valid.
        expires_at = issued_at + lifetime if access_token and lifetime else None
        return Grant(
            access_token=access_token if expires_at else None,
            token_type=text_member(fields, "token_type") or "Bearer",
            expires_at=expires_at,
            # RFC 6749, section 5.1: the answer may omit the scope if it is the requested one.
            scope=text_member(fields, "scope") or credential.scope,
            refresh_token=refresh_token,
            issued_at=issued_at,
            id_token=_sensitive(fields, "id_token"),
        )


def _lifetime(expires_in: Any) -> timedelta | None:
    """Read ``expires_in``: a number of seconds (RFC 6749, section 5.1), which some endpoints send as a text.

    A value that is no number, or too large, counts as missing. ``ext_expires_in`` is ignored: it applies while the
    service is down.

    Returns:
        The lifetime of the token, or ``None`` if it has expired already.
    """
    try:
        seconds = int(float(expires_in)) if type(expires_in) in {int, float, str} else None
    except (ValueError, OverflowError):
        return _UNSTATED_LIFETIME
    if seconds is None or seconds >= timedelta(days=365).total_seconds():
        return _UNSTATED_LIFETIME
    return timedelta(seconds=seconds) if seconds > 0 else None


def _is_success(answer: HttpAnswer) -> bool:
    """Tell whether an answer is a success: by its status, or because it has all members of a token answer.

    RFC 6749, section 5.1, requires 200. A gateway may change the status, but it does not invent tokens.
    """
    if _SUCCESS <= answer.status < _REDIRECT:
        return True
    fields = (answer.json_object() if answer.whole else None) or {}
    return "error" not in fields and all(text_member(fields, name) for name in ("access_token", "token_type"))


def _without_tokens(answer: HttpAnswer) -> ProviderFailure:
    """Return the facts of a success without tokens."""
    if not answer.whole:
        return ProviderFailure(FailureKind.NO_ANSWER, answer.status, reason=Reason.ANSWER_CUT_OFF)
    reason = Reason.NO_TOKENS if answer.json_object() is not None else _reason(answer)
    return ProviderFailure(FailureKind.UNUSABLE_ANSWER, answer.status, reason=reason)


def _salvaged(body: bytes) -> dict[str, str]:
    """Find the refresh token in an answer that is incomplete or no JSON: the old token may be spent already.

    A string with its closing quotation mark is complete, whatever follows. The access token is not needed.
    """
    match = _REFRESH_TOKEN.search(body)
    try:
        return {"refresh_token": json.loads(match[1])} if match else {}
    except ValueError:
        return {}


def _refusal(answer: HttpAnswer) -> ProviderFailure:
    """Return the facts of an error answer. One without any OAuth member comes from a proxy or a gateway."""
    facts = refusal_facts(answer.status, (answer.json_object() if answer.whole else None) or {})
    if not (facts.error or facts.codes or facts.hint):
        facts = ProviderFailure(FailureKind.UNUSABLE_ANSWER, answer.status, reason=_reason(answer))
    return replace(facts, retry_after=answer.retry_after)


def _reason(answer: HttpAnswer) -> Reason:
    """Return the reason for an answer that is not a token endpoint's."""
    if not answer.is_readable:
        return Reason.UNKNOWN_CODING
    if _REDIRECT <= answer.status < _CLIENT_ERROR:
        return Reason.REDIRECTED
    return _BY_STATUS.get(answer.status, Reason.NO_OAUTH_ANSWER if answer.whole else Reason.ANSWER_CUT_OFF)


def _sensitive(fields: Mapping[str, Any], name: str) -> Sensitive | None:
    value = text_member(fields, name)
    return None if value is None else Sensitive(value)
