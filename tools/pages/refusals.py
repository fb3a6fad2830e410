"""The pages of a sign-in that does not connect the credential."""

from dataclasses import replace
from typing import Final

from token_refresher.base.errors import MalformedCredentialError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.words import MICROSOFT
from token_refresher.consent.result import ConsentOutcome, ConsentResult, operator_needed, refused
from token_refresher.diagnosis.diagnosis import Diagnosis, diagnose, diagnose_malformed, our_own
from tools.pages.situation import (
    ACCOUNT,
    AGAIN,
    COLLEAGUE,
    INVITE,
    LAST_TIME,
    NAME,
    OUTSIDER,
    OWNER,
    WAITS,
    Situation,
    ads,
    ended,
)


def _no_access(diagnosis: Diagnosis) -> ConsentResult:
    words = {"cause": diagnosis.cause, "action": diagnosis.next_step(MICROSOFT), "code": diagnosis.code}
    return ended(ConsentOutcome.NO_ACCOUNT_ACCESS, username=OUTSIDER, **words, **ACCOUNT)


def _failure(error: str, code: int | None = None) -> Diagnosis:
    return diagnose(ProviderFailure(FailureKind.REFUSED, 400, error, codes=() if code is None else (code,)))


def _refused(error: str, code: int | None = None) -> ConsentResult:
    return replace(refused(INVITE, _failure(error, code), MICROSOFT), **ACCOUNT)


def _no_identity(*, notified: bool) -> ConsentResult:
    result = operator_needed(NAME, our_own("id_token_incomplete"), INVITE, notified=notified)
    return replace(result, ending=ConsentOutcome.NO_IDENTITY, invite=None, **ACCOUNT)


REFUSALS: Final = (
    Situation(
        "other-person",
        "Another person signed in than the last time.",
        "Chooses who connects the credential; either way signs in once more.",
        ended(
            ConsentOutcome.OTHER_PERSON,
            username=COLLEAGUE,
            person="colleague",
            previous_username=OWNER,
            at=LAST_TIME,
            **ACCOUNT,
        ),
    ),
    Situation(
        "no-account-access",
        "Microsoft Advertising does not let the person into the account.",
        "Signs in as a person who may use it, or asks an administrator of the account for access.",
        _no_access(ads(106)),
    ),
    Situation(
        "no-account-access-wrong-kind",
        "The person has access with another kind of account, such as a work account.",
        "Signs in with that account.",
        _no_access(ads(122)),
    ),
    Situation(
        "operator-notified",
        "The operator has to act, for example because a client secret has expired, and was notified.",
        "Nothing, until the operator says so.",
        replace(operator_needed(NAME, _failure("invalid_client", 7000222), INVITE, notified=True), **ACCOUNT),
    ),
    Situation(
        "operator-not-notified",
        "The operator has to act and was not notified, for example because the secret cannot be read.",
        "Passes it on to the person who sent the link.",
        operator_needed(NAME, diagnose_malformed(MalformedCredentialError("client_id", "is missing"))),
    ),
    Situation(
        "refused-declined",
        "The permissions were not accepted at Microsoft (`access_denied`).",
        f"{AGAIN} Or closes the page, if they meant to decline.",
        _refused("access_denied"),
    ),
    Situation(
        "refused-consent-required",
        "Microsoft wants the permissions to be accepted again (`consent_required`).",
        AGAIN,
        _refused("consent_required", 65001),
    ),
    Situation(
        "refused-interaction-required",
        "Microsoft asks for a step that only the person can take (`interaction_required`).",
        AGAIN,
        _refused("interaction_required", 50076),
    ),
    Situation(
        "try-again-later",
        "Microsoft had a fault of its own (`server_error`), or did not answer.",
        WAITS,
        _refused("server_error"),
    ),
    Situation(
        "code-expired",
        "The code of the sign-in came too late, or for the second time.",
        AGAIN,
        _refused("invalid_grant", 70008),
    ),
    Situation(
        "store-down",
        "The sign-in was good, but its tokens could not be stored.",
        WAITS,
        ended(ConsentOutcome.STORE_DOWN, **ACCOUNT),
    ),
    Situation(
        "no-refresh-token",
        "The answer had no refresh token.",
        f"{AGAIN} Microsoft asks for the permissions again.",
        ended(ConsentOutcome.NO_REFRESH_TOKEN, username=OWNER, **ACCOUNT),
    ),
    Situation(
        "missing-scope",
        "The person was signed in without `msads.manage`.",
        f"{AGAIN} Microsoft asks for the permissions again.",
        ended(ConsentOutcome.MISSING_SCOPE, username=OWNER, **ACCOUNT),
    ),
    Situation(
        "unknown-person",
        "The ID token belongs to another sign-in.",
        AGAIN,
        ended(ConsentOutcome.UNKNOWN_PERSON, **ACCOUNT),
    ),
    Situation(
        "no-identity-notified",
        "The answer has no ID token, or one without Microsoft's claims; the operator was notified.",
        "Nothing, until the operator says so.",
        _no_identity(notified=True),
    ),
    Situation(
        "no-identity-not-notified",
        "The answer has no ID token, or one without Microsoft's claims; the operator could not be notified.",
        "Passes it on to the person who sent the link.",
        _no_identity(notified=False),
    ),
)
