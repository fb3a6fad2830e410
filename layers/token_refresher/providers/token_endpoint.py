"""The client of the token endpoint: redeems authorization codes and refresh tokens.

Sources: RFC 6749, sections 4.1.3, 5 and 6; RFC 7636, section 4.5
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from token_refresher.base.clock import Clock
from token_refresher.base.errors import ProviderError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.text import readable
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.providers.catalogue.entry import Dialect, ProviderEntry
from token_refresher.providers.client_assertion import ClientAssertions, KmsSign, no_kms
from token_refresher.providers.client_proof import ClientProof, client_proof
from token_refresher.providers.http import HttpAnswer, HttpClient
from token_refresher.providers.refusal_facts import oauth2_refusal_facts, refusal_facts, text_member
from token_refresher.providers.requested_scope import requested_scope, scope_of, sign_in_scope

_UNSTATED_LIFETIME: Final = timedelta(minutes=10)
"""The lifetime if ``expires_in`` is missing or no number: the shortest one that a tenant's policy can set."""

_LONGEST_ACCESS_TOKEN: Final = timedelta(days=365)
_LONGEST_REFRESH_TOKEN: Final = timedelta(days=3650)
"""The first lifetimes that no token has. An answer with one counts in other units, or has no end in mind."""

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
    """Exchanges grants for tokens at the token endpoint of one provider."""

    def __init__(self, http: HttpClient, entry: ProviderEntry, clock: Clock, kms_sign: KmsSign = no_kms) -> None:
        self._http = http
        self._entry = entry
        self._clock = clock
        self._assertions = ClientAssertions(clock, kms_sign)
        self._prepared: tuple[Credential, ClientProof] | None = None

    @property
    def deadline(self) -> timedelta:
        """The longest time of one call."""
        return self._http.deadline

    def prepare(self, credential: Credential) -> None:
        """Make the proof of the next request for a credential, so that nothing is missing once an exchange has begun.

        Raises:
            MalformedCredentialError: The document lacks what the provider needs, or its key cannot be used.
            ServiceUnavailableError: KMS did not sign.
        """
        self._prepared = credential, self._proof(credential)

    def refresh(self, credential: Credential, refresh_token: Sensitive) -> Grant:
        """Redeem a refresh token (RFC 6749, section 6).

        Raises:
            ProviderError: The answer is no grant. The error carries the facts.
        """
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()}
        if self._entry.scope.sent_at_refresh:
            # Optional in the RFC. Without it, Microsoft may return a token for less than was consented to.
            form["scope"] = requested_scope(self._entry, credential)
        return self._exchange(credential, form)

    def redeem(self, credential: Credential, code: Sensitive, verifier: Sensitive, redirect_uri: str) -> Grant:
        """Redeem an authorization code with its PKCE verifier (RFC 6749, section 4.1.3; RFC 7636, section 4.5).

        Raises:
            ProviderError: The answer is no grant. The error carries the facts.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code.reveal(),
            "redirect_uri": redirect_uri,
        }
        if self._entry.authorization.code_challenge_method:
            form["code_verifier"] = verifier.reveal()
        if self._entry.scope.sent_at_refresh:
            form["scope"] = sign_in_scope(self._entry, credential)
        return self._exchange(credential, form)

    def _exchange(self, credential: Credential, form: dict[str, str]) -> Grant:
        prepared, self._prepared = self._prepared, None
        # An assertion is good for one request.
        proof = prepared[1] if prepared and prepared[0] is credential else self._proof(credential)
        answer = self._http.post_form(self._address(credential), {**proof.form, **form}, proof.headers)
        fields = (answer.json_object() if answer.whole else None) or {}
        if not self._is_success(answer.status, fields):
            raise ProviderError(self._refusal(answer, fields))
        return self._grant(answer, fields or _salvaged(answer.body), credential)

    def _proof(self, credential: Credential) -> ClientProof:
        return client_proof(self._entry, credential, self._address(credential), self._assertions)

    def _address(self, credential: Credential) -> str:
        return self._entry.token.token_endpoint.replace("{tenant}", credential.tenant)

    def _grant(self, answer: HttpAnswer, fields: Mapping[str, Any], credential: Credential) -> Grant:
        """Read the tokens of an answer. A refresh token is kept, whatever else is wrong with the answer."""
        access_token, refresh_token = _sensitive(fields, "access_token"), _sensitive(fields, "refresh_token")
        lifetime = _lifetime(fields.get("expires_in"), self._entry.access_token_lifetime or _UNSTATED_LIFETIME)
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
            scope=self._granted(fields) or scope_of(self._entry, credential),
            refresh_token=refresh_token,
            issued_at=issued_at,
            id_token=_sensitive(fields, "id_token"),
            person=self._person(fields),
            refresh_token_expires_at=self._refresh_token_expires_at(fields, issued_at),
        )

    def _granted(self, fields: Mapping[str, Any]) -> str:
        """Return the scope of an answer, with spaces; empty if it is the requested one (RFC 6749, section 5.1)."""
        scope = text_member(fields, "scope") or ""
        if self._entry.dialect is Dialect.MICROSOFT:
            return scope
        # Some providers read one separator and write another one.
        return " ".join(re.split(r"[\s,+]+", scope.strip(" ,+")))

    def _person(self, fields: Mapping[str, Any]) -> Mapping[str, str]:
        """Return the members that say who signed in, if the answer itself says it."""
        facts = self._entry.identity
        if facts is None or facts.is_id_token:
            return {}
        names = (*facts.subject, *([facts.username] if facts.username else []))
        return {name: readable(str(fields[name])) for name in names if isinstance(fields.get(name), str | int)}

    def _refresh_token_expires_at(self, fields: Mapping[str, Any], now: datetime) -> datetime | None:
        """Return when the refresh token ends, the new one or the one that was used, if the answer says so."""
        member = self._entry.refresh_token.lifetime_member
        seconds = fields.get(member) if member else None
        lifetime = _lifetime(seconds, timedelta(0), _LONGEST_REFRESH_TOKEN) if seconds is not None else None
        return now + lifetime if lifetime else None

    def _is_success(self, status: int, fields: Mapping[str, Any]) -> bool:
        """Tell whether an answer is a success: by its status, or because it has all members of a token answer.

        RFC 6749, section 5.1, requires 200. A gateway may change the status, but it does not invent tokens. Some
        providers refuse with 200, and then the answer has an error and no token.
        """
        if _SUCCESS <= status < _REDIRECT:
            has_token = any(text_member(fields, name) for name in ("access_token", "refresh_token"))
            may_refuse = self._entry.dialect is Dialect.OAUTH2
            return has_token or not (may_refuse and self._facts(status, fields).error)
        return "error" not in fields and all(text_member(fields, name) for name in ("access_token", "token_type"))

    def _refusal(self, answer: HttpAnswer, fields: Mapping[str, Any]) -> ProviderFailure:
        """Return the facts of an error answer. One without any OAuth member comes from a proxy or a gateway."""
        facts = self._facts(answer.status, fields)
        if not (facts.error or facts.codes or facts.hint):
            facts = ProviderFailure(FailureKind.UNUSABLE_ANSWER, answer.status, reason=_reason(answer))
        return replace(facts, retry_after=answer.retry_after)

    def _facts(self, status: int, fields: Mapping[str, Any]) -> ProviderFailure:
        if self._entry.dialect is Dialect.MICROSOFT:
            return refusal_facts(status, fields)
        return oauth2_refusal_facts(status, fields, self._entry.token.error_member)


def _lifetime(expires_in: Any, unstated: timedelta, longest: timedelta = _LONGEST_ACCESS_TOKEN) -> timedelta | None:
    """Read ``expires_in``: a number of seconds (RFC 6749, section 5.1), which some endpoints send as a text.

    A value that is no number, or too large, counts as missing. ``ext_expires_in`` is ignored: it applies while the
    service is down.

    Args:
        expires_in: The value in the answer, or ``None``.
        unstated: The lifetime if it is missing.
        longest: The first lifetime that is too large.

    Returns:
        The lifetime of the token, or ``None`` if it has expired already.
    """
    try:
        seconds = int(float(expires_in)) if type(expires_in) in {int, float, str} else None
    except (ValueError, OverflowError):
        return unstated
    if seconds is None or seconds >= longest.total_seconds():
        return unstated
    return timedelta(seconds=seconds) if seconds > 0 else None


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
