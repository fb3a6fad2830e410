"""The provider failing in every way around the exchange, against the deployed stack.

Microsoft's old refresh tokens stay valid, so that nothing is lost whatever happens. A strict provider takes the old one
with the exchange: an answer that gets lost on the way is lost for good, and a person has to be told.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from local.alerts import AlertInbox
from local.consumer import fingerprint
from local.estate import NOTE, Estate, Holding
from local.faults import FaultKind, FaultyAws, behind
from tests.faults.fault_cases import ASK_CIRCUIT
from tests.flows.household import TICK_SECONDS

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
"""The rotation and the fault, where a healthy end is due."""

LOST = [("strict", "drop_after_rotating"), ("strict", "hang")]
"""Where the provider spent the token and its answer never came."""


@dataclass(frozen=True)
class Seen:
    """What was there after the attempt that failed, and after the one that followed."""

    holding: Holding
    handled: tuple[bool, bool]
    first_status: str
    presented: list[str]
    imported: str
    outcomes: list[str]
    newest_is_current: bool
    note: str
    status: str


@pytest.fixture(scope="module", autouse=True)
def no_circuit(estate: Estate, faulty: FaultyAws) -> Iterator[None]:
    """So many faults at once are an outage to the circuit. Here each is looked at for itself, so it cannot be asked."""
    fault = ASK_CIRCUIT.fault(FaultKind.THROTTLED, None)
    with behind(faulty, estate.stack.aws, [estate.stack.outputs["RefreshFunctionName"]]):
        faulty.inject(fault)
        yield
        faulty.end(fault)


@pytest.fixture(scope="module")
def inbox(estate: Estate) -> AlertInbox:
    return AlertInbox(estate.stack.aws, estate.stack.outputs["AlertTopicArn"], "provider-fault-alerts")


@pytest.fixture(scope="module")
def seen(estate: Estate, inbox: AlertInbox) -> dict[tuple[str, str], Seen]:
    """Run every case, each with a credential of its own: an attempt during the fault, and one after it."""

    def run(case: tuple[str, str]) -> Seen:
        rotation, fault = case
        holding = estate.put(name_of(case), rotation=rotation)
        imported = fingerprint(estate.document(holding)["refresh_token"])
        estate.stack.identity_provider.fault(holding.client_id, fault, times=1, seconds=HANG_SECONDS)
        first = estate.deliver(holding)
        first_status = estate.entry(holding)["status"]
        estate.let_time_pass(holding)
        second = estate.deliver(holding)
        return Seen(
            holding,
            (first, second),
            first_status,
            presented(estate, holding),
            imported,
            estate.outcomes(holding),
            estate.keeps_the_newest_token(holding),
            estate.document(holding)["note"],
            estate.entry(holding)["status"],
        )

    cases = [*PASSES, *LOST]
    with ThreadPoolExecutor(len(cases) // 2) as pool:
        return dict(zip(cases, pool.map(run, cases), strict=True))


def name_of(case: tuple[str, str]) -> str:
    return f"provider-{'-'.join(case)}".replace("_", "-")


def presented(estate: Estate, holding: Holding) -> list[str]:
    journal = estate.stack.identity_provider.journal(holding.client_id)
    return [event["presented"] for event in journal if event["presented"]]


@pytest.mark.parametrize("case", PASSES, ids=" ".join)
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
    # Nobody had to act, so nobody was told that they had to.
    assert not inbox.of(name_of(case), "reconsent_required")


@pytest.mark.parametrize("case", LOST, ids=" ".join)
def test_an_answer_of_a_strict_provider_that_is_lost_costs_one_more_attempt_and_tells_the_person(
    seen: dict[tuple[str, str], Seen], inbox: AlertInbox, case: tuple[str, str]
) -> None:
    ran = seen[case]
    assert ran.first_status == "retrying"
    # Presented by the attempt that lost its answer, and exactly once again: only that tells that the grant is dead.
    assert ran.presented == [ran.imported, ran.imported]
    assert ran.outcomes == ["issued", case[1], "reuse_detected"]
    assert ran.status == "needs_consent"
    alert = inbox.wait_for(name_of(case), "reconsent_required", TICK_SECONDS)
    assert alert
    assert alert["connect_url"]


def test_a_dead_grant_is_left_alone(estate: Estate, seen: dict[tuple[str, str], Seen], inbox: AlertInbox) -> None:
    """Whatever is delivered after that: the provider is not asked again, and the person is not told again."""
    ran = seen[LOST[0]]
    assert estate.deliver(ran.holding)
    assert estate.outcomes(ran.holding) == ran.outcomes
    assert len(inbox.of(ran.holding.name, "reconsent_required")) == 1
