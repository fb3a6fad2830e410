"""Grants, and the refresh tokens that were issued for them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from local.identity_provider import errors
from local.identity_provider.records import App, Code, Grant, RefreshToken, digest
from token_refresher.providers.catalogue.entry import Reuse, TokenRotation

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

PREFIX = "local-rt-"

Status = Literal["active", "expired", "revoked", "no_refresh_token"]


class Grants:
    """All grants, and all refresh tokens by digest."""

    def __init__(self) -> None:
        self._grants: dict[int, Grant] = {}
        self._tokens: dict[str, RefreshToken] = {}

    def open(self, code: Code, now: datetime) -> Grant:
        """Return a new grant for a redeemed code."""
        request = code.request
        grant = Grant(
            grant_id=len(self._grants) + 1,
            client_id=request.app.client_id,
            person=code.person,
            scope=request.scope,
            nonce=request.nonce,
            issued_at=now,
            is_offline=request.is_offline,
        )
        self._grants[grant.grant_id] = grant
        return grant

    def issue(self, app: App, grant: Grant, now: datetime) -> str:
        """Return a new refresh token, the newest of the grant's token family."""
        raw = PREFIX + secrets.token_urlsafe(32)
        ends_at = app.rules.end(grant.issued_at, issued_at=now, used_at=now)
        self._tokens[digest(raw)] = RefreshToken(grant.grant_id, issued_at=now, used_at=now, expires_at=ends_at)
        self._grants[grant.grant_id] = replace(grant, newest=digest(raw))
        return raw

    def find(self, app: App, raw: str, now: datetime) -> Grant:
        """Return the grant of a valid refresh token.

        Raises:
            RefusedError: The token is malformed, unknown, of another app, spent, revoked or expired. Where the rules of
                the app say so, presenting a spent token revokes its whole family (RFC 9700, section 4.14.2).
        """
        if not raw.startswith(PREFIX):
            raise errors.RefusedError(errors.MALFORMED_REFRESH_TOKEN)
        token = self._tokens.get(digest(raw))
        if token is None or self._grants[token.grant_id].client_id != app.client_id:
            raise errors.RefusedError(errors.UNKNOWN_REFRESH_TOKEN)
        grant, rules = self._grants[token.grant_id], app.rules
        if token.spent_at and not rules.accepts_again(token.spent_at, now):
            raise _revoked(self._revoke(token.grant_id, now) if rules.revokes else grant, outcome="reuse_detected")
        if grant.revoked_at:
            raise _revoked(grant)
        if now >= token.expires_at:
            raise errors.RefusedError(
                errors.INACTIVE_REFRESH_TOKEN,
                issued_at=_ticks(token.issued_at),
                inactivity=_timespan(max(now - token.used_at, rules.idle or now - token.used_at)),
            )
        return grant

    def use(self, app: App, raw: str, now: datetime, *, with_successor: bool) -> str | None:
        """Use a valid token, and return the refresh token of the answer, if it has one.

        A token is spent only if a successor is issued. Otherwise the caller would be left without a valid token. A
        provider that rotates sometimes repeats the token in the other answers.
        """
        token, rules = self._tokens[digest(raw)], app.rules
        grant = self._grants[token.grant_id]
        rotates = with_successor and rules.rotates(token.uses)
        spend = rotates and rules.reuse is not Reuse.NOTHING
        ends_at = rules.end(grant.issued_at, token.issued_at, used_at=now)
        self._tokens[digest(raw)] = token.use(now, ends_at, spend=spend)
        if rotates:
            return self.issue(app, grant, now)
        return raw if with_successor and rules.rotation is TokenRotation.SOMETIMES else None

    def end_of(self, raw: str) -> datetime:
        """Return when a refresh token ends."""
        return self._tokens[digest(raw)].expires_at

    def of(self, client_id: str) -> list[Grant]:
        """Return the grants of an app, oldest first."""
        return [grant for grant in self._grants.values() if grant.client_id == client_id]

    def status(self, grant: Grant, now: datetime) -> Status:
        """Return whether the newest refresh token of a grant is still valid, or why not."""
        if grant.revoked_at:
            return "revoked"
        if grant.newest is None:
            return "no_refresh_token"
        return "expired" if now >= self._tokens[grant.newest].expires_at else "active"

    def newest(self, client_id: str) -> Grant | None:
        """Return the grant with the newest refresh token."""
        grants = {grant.newest: grant for grant in self.of(client_id)}
        # A dict keeps the order in which the tokens were issued.
        return next((grants[one] for one in reversed(self._tokens) if one in grants), None)

    def revoke(self, grants: Iterable[Grant], now: datetime) -> int:
        """Revoke the grants that are not yet revoked, and return how many there were."""
        return len([self._revoke(grant.grant_id, now) for grant in grants if not grant.revoked_at])

    def expire(self, client_id: str, now: datetime) -> int:
        """Make every refresh token of an app expire, and return how many were still valid."""
        grant_ids = {grant.grant_id for grant in self.of(client_id)}
        valid = [key for key, one in self._tokens.items() if one.grant_id in grant_ids and one.expires_at > now]
        for key in valid:
            self._tokens[key] = self._tokens[key].expire(now)
        return len(valid)

    def _revoke(self, grant_id: int, now: datetime) -> Grant:
        self._grants[grant_id] = self._grants[grant_id].revoke(now)
        return self._grants[grant_id]


def _revoked(grant: Grant, outcome: str | None = None) -> errors.RefusedError:
    return errors.RefusedError(
        errors.REVOKED_GRANT,
        outcome=outcome,
        issued_at=_ticks(grant.issued_at),
        revoked_at=_ticks(grant.revoked_at or grant.issued_at),
    )


def _ticks(at: datetime) -> str:
    """Return a time in the .NET format of Microsoft's messages, with seven decimals."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}0Z"


def _timespan(span: timedelta) -> str:
    """Return a duration in the .NET format of Microsoft's messages, such as 90.00:00:00."""
    hours, rest = divmod(span.seconds, 3600)
    return f"{span.days}.{hours:02}:{rest // 60:02}:{rest % 60:02}"
