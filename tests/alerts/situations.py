"""The situations in which people get a message, and who has to read it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tests.alerts.plays import (
    a_storm,
    account_not_reached,
    account_reached,
    all_recovered,
    authority_down,
    connected,
    connected_while_paused,
    connected_with_a_reservation,
    connected_with_a_wrong_developer_token,
    first_consent,
    kept,
    malformed,
    met_at_a_sign_in,
    reconnected,
    recovered,
    refresh_token_old,
    refusal,
    revoked_after_the_end,
    secret_expires,
    shared_secret_expired,
    unreadable,
    until_told,
)
from tests.fakes.failures import AMBIGUOUS, REVOKED, SECRET_EXPIRED, refused, unavailable
from token_refresher.account import AccountAccess
from token_refresher.alert import Alert, Event


@dataclass(frozen=True)
class Situation:
    """One message, and how it comes about.

    Attributes:
        name: What its file is called.
        title: What has happened.
        reader: Who has to read it, and when it is sent.
        play: Lets it happen, and returns the message.
    """

    name: str
    title: str
    reader: str
    play: Callable[[], Alert]


_USER: Final = "Whoever signs in for the credential; the operator passes it on."
_OPERATOR: Final = "The operator, who keeps the secret."
_TO_KNOW: Final = "Everybody who got the message before it."

SITUATIONS: Final = (
    Situation(
        "first-consent",
        "A new credential waits for its first sign-in",
        f"{_USER} Sent when the secret is discovered.",
        first_consent,
    ),
    Situation("revoked", "The sign-in was revoked", f"{_USER} Sent at the first refusal.", refusal(REVOKED)),
    Situation(
        "revoked-after-the-end",
        "The sign-in was revoked, and access has ended",
        f"{_USER} Sent at the first refusal, where that comes late.",
        revoked_after_the_end,
    ),
    Situation(
        "second-factor",
        "The organization now asks for a second factor",
        f"{_USER} Sent at the first refusal.",
        refusal(refused(50076)),
    ),
    Situation("reminder-2", "Nobody has signed in for a day", f"{_USER} Sent after a day.", refusal(REVOKED, looks=2)),
    Situation(
        "reminder-3",
        "Nobody has signed in for four days",
        f"{_USER} Sent three days after the reminder before it; from then on one a week.",
        refusal(REVOKED, looks=3),
    ),
    Situation(
        "ambiguous-confirmed",
        "An uncertain refusal did not pass",
        f"{_USER} Sent once it was confirmed, and no earlier: many such refusals pass by themselves.",
        until_told(AMBIGUOUS, Event.RECONSENT_REQUIRED),
    ),
    Situation(
        "account-not-reached",
        "A sign-in does not reach its advertising account",
        f"{_USER} Sent once, when the refresh after a sign-in that could not be verified finds it out.",
        account_not_reached(1001),
    ),
    Situation(
        "developer-token-refused",
        "Microsoft Advertising does not accept the developer token",
        f"{_OPERATOR} Sent once, when the refresh after a sign-in that could not be verified finds it out.",
        account_not_reached(105),
    ),
    Situation(
        "secret-expired-one",
        "The client secret of one credential has expired",
        f"{_OPERATOR} Sent at the first refusal.",
        refusal(SECRET_EXPIRED),
    ),
    Situation(
        "secret-expired-several",
        "The client secret of several credentials has expired",
        f"{_OPERATOR} Sent once for the application, when the first credential meets it.",
        shared_secret_expired(3),
    ),
    Situation(
        "secret-expired-many",
        "The client secret of many credentials is still expired a day later",
        f"{_OPERATOR} Sent once for the application, as a reminder.",
        shared_secret_expired(30, reminded=True),
    ),
    Situation(
        "secret-expired-at-a-sign-in",
        "Somebody signs in for a credential that works, and its client secret has expired",
        f"{_OPERATOR} Sent at that sign-in, when nothing has stopped yet.",
        met_at_a_sign_in(SECRET_EXPIRED),
    ),
    Situation(
        "secret-expired-at-a-sign-in-several",
        "Somebody signs in for one of several credentials that work, and their client secret has expired",
        f"{_OPERATOR} Sent once for the application, at that sign-in, when nothing has stopped yet.",
        met_at_a_sign_in(SECRET_EXPIRED, "search-ads", "shopping-ads", "video-ads"),
    ),
    Situation(
        "redirect-uri",
        "The redirect URI is not registered",
        f"{_OPERATOR} Sent at a sign-in; what works goes on.",
        met_at_a_sign_in(refused(50011, "invalid_client"), "search-ads", "shopping-ads"),
    ),
    Situation(
        "secret-id-instead-of-value",
        "The secret holds the ID of the client secret and not its value",
        f"{_OPERATOR} Sent at the first refusal.",
        refusal(refused(7000215, "invalid_client")),
    ),
    Situation(
        "public-client",
        "A public client sends a client secret",
        f"{_OPERATOR} Sent at the first refusal.",
        refusal(refused(90023, "invalid_request")),
    ),
    Situation(
        "conditional-access",
        "A rule of the organization blocks the sign-in",
        "An administrator of the Microsoft organization; the operator passes it on. Sent at the first refusal.",
        refusal(refused(53003)),
    ),
    Situation(
        "malformed",
        "The secret lacks a key that is needed",
        f"{_OPERATOR} Sent when the secret is looked at after the edit.",
        malformed,
    ),
    Situation(
        "malformed-from-the-start",
        "A new secret cannot be read",
        f"{_OPERATOR} Sent when the secret is discovered.",
        unreadable,
    ),
    Situation(
        "too-many-versions",
        "The credential is refreshed too often",
        f"{_OPERATOR} Sent when one more version of the secret would be one too many.",
        a_storm,
    ),
    Situation(
        "unknown-for-long",
        "Microsoft refuses with a code that nobody knows",
        f"{_OPERATOR} Sent after some hours of the same refusal.",
        until_told(refused(999999, "something_new"), Event.OPERATOR_ACTION_REQUIRED),
    ),
    Situation(
        "at-risk",
        "One credential cannot be renewed for a while",
        f"{_OPERATOR} Nobody has to act. Sent once, when the access may end before the failure passes.",
        until_told(unavailable(429, retry_after=timedelta(minutes=10)), Event.REFRESH_AT_RISK),
    ),
    Situation(
        "at-risk-tokens-kept",
        "AWS does not store the new tokens",
        f"{_OPERATOR} Nobody has to act. Sent once, when the access may end before the failure passes.",
        kept,
    ),
    Situation(
        "at-risk-microsoft-down",
        "Microsoft's sign-in service is down",
        f"{_OPERATOR} Nobody has to act. Sent once, however many it stops, when the first access is about to end.",
        authority_down,
    ),
    Situation(
        "client-secret-30-days",
        "A client secret expires in 30 days",
        f"{_OPERATOR} Sent 30, 14, 7 days and 1 day before, once for the application.",
        secret_expires(30, "search-ads", "shopping-ads", "video-ads"),
    ),
    Situation(
        "client-secret-1-day",
        "A client secret expires in a day",
        f"{_OPERATOR} The last of these warnings.",
        secret_expires(1),
    ),
    Situation(
        "refresh-token-1-day",
        "Microsoft sends no new refresh token",
        f"{_OPERATOR} Sent once after a day.",
        refresh_token_old(timedelta(hours=25)),
    ),
    Situation(
        "refresh-token-60-days",
        "Microsoft has sent no new refresh token for 60 days",
        f"{_OPERATOR} Sent after 30, 60 and 80 days.",
        refresh_token_old(timedelta(days=60, hours=1)),
    ),
    Situation("connected", "Somebody has signed in for the first time", _TO_KNOW, connected),
    Situation(
        "connected-unverified",
        "Somebody has signed in, and it is not known whether they reach the account",
        _TO_KNOW,
        connected_with_a_reservation(AccountAccess.UNVERIFIED),
    ),
    Situation(
        "connected-developer-token-refused",
        "Somebody has signed in while the developer token is not accepted",
        _TO_KNOW,
        connected_with_a_wrong_developer_token,
    ),
    Situation(
        "connected-suspended",
        "Somebody has signed in, and the account is suspended",
        _TO_KNOW,
        connected_with_a_reservation(AccountAccess.REACHABLE, "Suspended"),
    ),
    Situation(
        "connected-paused",
        "Somebody has signed in while the credential is paused",
        _TO_KNOW,
        connected_while_paused,
    ),
    Situation("reconnected", "Somebody has signed in again", _TO_KNOW, reconnected),
    Situation("recovered", "One credential works again", _TO_KNOW, recovered),
    Situation("account-reached", "The advertising account is reached after all", _TO_KNOW, account_reached),
    Situation("recovered-after-outage", "Several credentials work again", _TO_KNOW, all_recovered),
)
