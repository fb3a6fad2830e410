"""Which credential has to be seen first, and who has to do what for it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.cli.desk import CLIENT_ID, NOW
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.credential.account import AccountAccess, KnownAccount
from token_refresher.credential.identity import Identity
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import Actor, Diagnosis, diagnose, first_consent
from token_refresher.registry.entry import RegistryEntry
from token_refresher.rotation.secret_store import SecretState
from token_refresher_cli.installation.current_document import CurrentDocument
from token_refresher_cli.installation.row import CredentialRow
from token_refresher_cli.views.next_action import next_action
from token_refresher_cli.views.urgency import Urgency, order, urgency

SOON, LATER, OVER = NOW + timedelta(minutes=20), NOW + timedelta(minutes=50), NOW - timedelta(minutes=1)
OWNER = Identity("ads-owner@example.com", "tenant", "object", NOW - timedelta(days=30))
STATE = SecretState("acme", "arn", "v1", None)


def refusal(code: int) -> Diagnosis:
    return diagnose(ProviderFailure(FailureKind.REFUSED, 400, error="invalid_grant", codes=(code,)))


def row(status: Status, expires_at: datetime | None = LATER, name: str = "acme", **changes: Any) -> CredentialRow:
    entry = RegistryEntry(name, "v1", status, SOON, expires_at=expires_at, identity=OWNER)
    return CredentialRow(name, replace(STATE, name=name), replace(entry, **changes))


MALFORMED = CredentialRow(
    "acme", STATE, None, CurrentDocument("v1", problem=MalformedCredentialError("tenant", "is empty"))
)
TROUBLE = KnownAccount("1", AccountAccess.REFUSED, notified=Actor.USER, notified_at=NOW)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(row(Status.NEEDS_CONSENT, OVER), Urgency.STOPPED, id="a person, and the token has ended"),
        pytest.param(row(Status.NEEDS_CONSENT, NOW), Urgency.STOPPED, id="a token ends at its second"),
        pytest.param(row(Status.NEEDS_OPERATOR, None), Urgency.STOPPED, id="a person, and there was never a token"),
        pytest.param(row(Status.AWAITING_CONSENT, OVER), Urgency.STOPPED, id="an imported token has ended"),
        pytest.param(MALFORMED, Urgency.STOPPED, id="a secret that nobody can read"),
        pytest.param(row(Status.RETRYING, OVER), Urgency.FAILING, id="nobody, and the token has ended"),
        pytest.param(row(Status.HEALTHY, OVER), Urgency.FAILING, id="healthy as far as is known, and ended"),
        pytest.param(row(Status.NEEDS_OPERATOR), Urgency.STOPPING, id="a person, while the token lives"),
        pytest.param(row(Status.AWAITING_CONSENT, None), Urgency.NOT_CONNECTED, id="nobody has signed in yet"),
        pytest.param(row(Status.RETRYING), Urgency.RETRYING, id="a failure that may pass"),
        pytest.param(row(Status.HEALTHY, diagnosis=refusal(50011)), Urgency.BESIDE, id="a sign-in has met trouble"),
        pytest.param(CredentialRow("acme", STATE), Urgency.UNSEEN, id="no tick has seen it"),
        pytest.param(replace(row(Status.HEALTHY), state=None), Urgency.GONE, id="the secret is gone"),
        pytest.param(row(Status.PAUSED, OVER), Urgency.PAUSED, id="paused, whatever its token"),
        pytest.param(row(Status.HEALTHY), Urgency.HEALTHY, id="healthy"),
    ],
)
def test_the_standing_and_the_token_decide(seen: CredentialRow, expected: Urgency) -> None:
    assert urgency(seen, NOW) is expected


def test_the_worst_come_first_and_those_alike_by_the_time_that_is_left_and_then_by_name() -> None:
    rows = [
        row(Status.HEALTHY, LATER, "healthy"),
        row(Status.PAUSED, LATER, "paused"),
        row(Status.HEALTHY, SOON, "healthy-soon"),
        row(Status.RETRYING, LATER, "b-retrying"),
        row(Status.RETRYING, LATER, "a-retrying"),
        row(Status.NEEDS_CONSENT, LATER, "living"),
        row(Status.NEEDS_CONSENT, OVER, "ended"),
    ]
    assert [one.name for one in sorted(rows, key=lambda row: order(row, NOW))] == [
        "ended",
        "living",
        "a-retrying",
        "b-retrying",
        "paused",
        "healthy-soon",
        "healthy",
    ]


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        pytest.param(row(Status.HEALTHY), "refreshed in 20 minutes", id="a healthy one is refreshed"),
        pytest.param(
            row(Status.HEALTHY, next_action_at=OVER), "refreshed with the next tick", id="a healthy one that is due"
        ),
        pytest.param(
            row(Status.RETRYING, diagnosis=refusal(90033)), "tried again in 20 minutes (90033)", id="a passing failure"
        ),
        pytest.param(
            row(Status.RETRYING, diagnosis=refusal(70000)),
            "tried again in 20 minutes (70000)",
            id="a refusal that is yet to be confirmed is nobody's",
        ),
        pytest.param(
            row(Status.NEEDS_CONSENT, diagnosis=refusal(50173)),
            "ads-owner@example.com: sign in with token-refresher link acme",
            id="whoever consented signs in again",
        ),
        pytest.param(
            row(Status.AWAITING_CONSENT, None, diagnosis=first_consent(), identity=None),
            "a person with access: sign in with token-refresher link acme",
            id="nobody has signed in yet",
        ),
        pytest.param(
            row(Status.NEEDS_OPERATOR, diagnosis=refusal(7000222)),
            "operator: create a new client secret and put its value into client_secret (7000222)",
            id="the operator is told the remedy",
        ),
        pytest.param(
            row(Status.NEEDS_OPERATOR, diagnosis=refusal(53003)),
            "administrator: an administrator of the tenant exempts the application; signing in again does not help"
            " before that (53003)",
            id="so is the administrator",
        ),
        pytest.param(
            row(Status.NEEDS_CONSENT, version_id="v0", diagnosis=refusal(50173)),
            "checked with the next tick",
            id="somebody has acted already",
        ),
        pytest.param(row(Status.PAUSED), "operator: token-refresher resume acme", id="a paused one is resumed"),
        pytest.param(MALFORMED, "operator: correct tenant", id="a malformed one is corrected"),
        pytest.param(
            row(Status.HEALTHY, account=TROUBLE),
            "a person with access: token-refresher verify acme",
            id="the account is not reached",
        ),
        pytest.param(row(Status.AWAITING_CONSENT), "checked with the next tick", id="just discovered"),
    ],
)
def test_the_next_action_is_said_in_few_words(seen: CredentialRow, said: str) -> None:
    assert str(next_action(seen, NOW)) == said


def test_a_credential_that_holds_no_refresh_token_waits_for_a_sign_in_before_any_look_at_it() -> None:
    discovered = replace(
        row(Status.AWAITING_CONSENT, None), current=CurrentDocument.of("v1", f'{{"client_id": "{CLIENT_ID}"}}')
    )
    assert next_action(discovered, NOW).actor is Actor.USER
