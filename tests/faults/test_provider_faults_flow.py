"""The provider fails in every way around the exchange, on the deployed stack.

Microsoft's old refresh tokens stay valid, so nothing is ever lost. A strict provider spends the old token in the
exchange: if the answer is lost on the way, so is the grant, and a person must be notified.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from local.soak.credentials import NOTE, Fleet, ManagedCredential
from local.soak.faults import FaultKind, FaultyAws, behind
from local.stack.warmth import AT_ONCE
from local.story.alerts import AlertInbox
from local.story.consumer import fingerprint
from tests.faults.fault_cases import ASK_CIRCUIT, chosen
from tests.grids import sampled

HANG_SECONDS = 9
"""Longer than an exchange waits for an answer."""

PASSES = [
    ("microsoft", "hang"),
    ("microsoft", "drop_after_rotating"),
    ("microsoft", "server_error"),
    ("microsoft", "empty"),
    ("none", "hang"),
    ("none", "drop_after_rotating"),
    ("none", "server_error"),
    ("strict", "server_error"),
    ("strict", "empty"),
    ("strict", "temporarily_unavailable"),
]
"""The rotations and faults that must end healthy."""

LOST = [("strict", "drop_after_rotating"), ("strict", "hang")]
"""Here the provider spent the token, and its answer never came."""


@dataclass(frozen=True)
class Seen:
    """What was there after the failed attempt, and after the next one."""

    credential: ManagedCredential
    handled: tuple[bool, bool]
    first_status: str
    presented: list[str]
    imported: str
    outcomes: list[str]
    newest_is_current: bool
    note: str
    status: str


@pytest.fixture(scope="module", autouse=True)
def no_circuit(fleet: Fleet, faulty: FaultyAws) -> Iterator[None]:
    """Make the circuit unreadable: so many faults at once would open it, and each case needs its own exchange."""
    fault = ASK_CIRCUIT.fault(FaultKind.THROTTLED, None)
    with behind(faulty, fleet.stack, [fleet.stack.outputs["RefreshFunctionName"]], AT_ONCE):
        faulty.inject(fault)
        yield
        faulty.end(fault)


@pytest.fixture(scope="module")
def inbox(fleet: Fleet) -> AlertInbox:
    return AlertInbox(fleet.stack.aws, fleet.stack.outputs["AlertTopicArn"], "provider-fault-alerts")


@pytest.fixture(scope="module")
def seen(request: pytest.FixtureRequest, fleet: Fleet, inbox: AlertInbox) -> dict[tuple[str, str], Seen]:
    """Run every case, each with a credential of its own: an attempt during the fault, and one after it."""

    def run(case: tuple[str, str]) -> Seen:
        rotation, fault = case
        credential = fleet.put(name_of(case), rotation=rotation)
        imported = fingerprint(fleet.document(credential)["refresh_token"])
        fleet.stack.identity_provider.fault(credential.client_id, fault, times=1, seconds=HANG_SECONDS)
        first = fleet.deliver(credential)
        first_status = fleet.entry(credential)["status"]
        fleet.end_waiting(credential)
        second = fleet.deliver(credential)
        return Seen(
            credential,
            (first, second),
            first_status,
            presented(fleet, credential),
            imported,
            fleet.outcomes(credential),
            fleet.keeps_the_newest_token(credential),
            fleet.document(credential)["note"],
            fleet.entry(credential)["status"],
        )

    cases = [
        *chosen(request, test_the_next_attempt_ends_healthy),
        *chosen(
            request, test_an_answer_of_a_strict_provider_that_is_lost_costs_one_more_attempt_and_the_person_is_notified
        ),
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(cases, pool.map(run, cases), strict=True))


def name_of(case: tuple[str, str]) -> str:
    return f"provider-{'-'.join(case)}".replace("_", "-")


def presented(fleet: Fleet, credential: ManagedCredential) -> list[str]:
    journal = fleet.stack.identity_provider.journal(credential.client_id)
    return [event["presented"] for event in journal if event["presented"]]


@pytest.mark.parametrize("case", sampled(PASSES, 3), ids=" ".join)
def test_the_next_attempt_ends_healthy(
    seen: dict[tuple[str, str], Seen], inbox: AlertInbox, case: tuple[str, str]
) -> None:
    ran = seen[case]
    assert ran.handled == (True, True)
    assert ran.first_status == "retrying"
    assert ran.outcomes == ["issued", case[1], "issued"]
    assert ran.newest_is_current
    assert ran.note == NOTE
    assert ran.status == "healthy"
    # Nobody had to act, so nobody was asked to.
    assert not inbox.of(name_of(case), "reconsent_required")


@pytest.mark.parametrize("case", LOST, ids=" ".join)
def test_an_answer_of_a_strict_provider_that_is_lost_costs_one_more_attempt_and_the_person_is_notified(
    seen: dict[tuple[str, str], Seen], inbox: AlertInbox, case: tuple[str, str]
) -> None:
    ran = seen[case]
    assert ran.first_status == "retrying"
    # The attempt that lost its answer presented it, and one more did: only that shows that the grant is revoked.
    assert ran.presented == [ran.imported, ran.imported]
    assert ran.outcomes == ["issued", case[1], "reuse_detected"]
    assert ran.status == "needs_consent"
    alert = inbox.wait_for(name_of(case), "reconsent_required")
    assert alert
    assert alert["connect_url"]


def test_a_rejected_grant_is_not_presented_again(
    fleet: Fleet, seen: dict[tuple[str, str], Seen], inbox: AlertInbox
) -> None:
    """A further delivery calls the provider no more, and sends no second alert."""
    ran = seen[LOST[0]]
    assert fleet.deliver(ran.credential)
    assert fleet.outcomes(ran.credential) == ran.outcomes
    assert len(inbox.of(ran.credential.name, "reconsent_required")) == 1
