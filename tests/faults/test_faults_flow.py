"""Every AWS call of a refresh and of a consent fails in every way, on the deployed stack.

The provider rotates strictly: if a refresh token were lost, the next attempt would present a spent one, and the
provider would revoke the grant. The cases run concurrently, each with its own credential, and each test checks one.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from urllib.parse import parse_qs, urlsplit

import pytest

from local.soak.credentials import NOTE, Fleet, ManagedCredential
from local.soak.faults import Fault, FaultKind, FaultyAws, behind
from local.stack.waiting import eventually
from local.stack.warmth import AT_ONCE
from local.story.alerts import AlertInbox
from local.story.browser import Browser, PageSeen
from tests.faults.fault_cases import (
    ASK_CIRCUIT,
    BEGIN,
    CONSENTS,
    RECALL,
    REFRESHES,
    Case,
    all_at_once,
    chosen,
    parameters,
)
from tests.flows.household import PERSON
from token_refresher.base.sensitive import Sensitive
from token_refresher.consent.pending import digest

CONNECTED = {"Connected", "Already connected", "Signed in, almost connected"}
ASKED_TO_TRY_AGAIN = {
    "This page is not available right now",
    "This sign-in is not known",
    "Your sign-in could not be saved",
}


@dataclass(frozen=True)
class Seen:
    """What is there after the fault has ended and the work was tried once more."""

    fired: int
    newest_is_current: bool
    note: str
    outcomes: list[str]
    status: str
    status_tag: str | None
    pages: tuple[str, ...] = ()


@pytest.fixture(scope="module", autouse=True)
def functions_behind_faults(fleet: Fleet, faulty: FaultyAws) -> Iterator[None]:
    functions = [fleet.stack.outputs["RefreshFunctionName"], fleet.stack.outputs["CallbackFunctionName"]]
    with behind(faulty, fleet.stack, functions, AT_ONCE):
        yield


@contextmanager
def failing(faulty: FaultyAws, fault: Fault) -> Iterator[int]:
    [fault_id] = faulty.inject(fault)
    try:
        yield fault_id
    finally:
        faulty.end(fault)


def try_again(fleet: Fleet, credential: ManagedCredential) -> None:
    """Deliver what ticks would send some time later.

    First an attempt that is not due, for which the reconciliation asks where status tags are outdated; then a due one.
    """
    fleet.deliver(credential)
    fleet.end_waiting(credential)
    fleet.deliver(credential)


def observe(fleet: Fleet, faulty: FaultyAws, credential: ManagedCredential, fault_id: int, *pages: PageSeen) -> Seen:
    return Seen(
        faulty.fired(fault_id),
        fleet.keeps_the_newest_token(credential),
        fleet.document(credential)["note"],
        fleet.outcomes(credential),
        fleet.entry(credential)["status"],
        fleet.status_in_tags(credential),
        tuple(page.heading for page in pages),
    )


@pytest.fixture(scope="module")
def asked(request: pytest.FixtureRequest, fleet: Fleet) -> dict[Case, tuple[ManagedCredential, str]]:
    """Create the credential of each consent case, and return it with the link of its alert."""
    inbox = AlertInbox(fleet.stack.aws, fleet.stack.outputs["AlertTopicArn"], "fault-alerts")

    def ask(case: Case) -> ManagedCredential:
        credential = fleet.put(f"consent-{case.name}", rotation="strict", granted=False)
        fleet.deliver(credential)
        return credential

    [asking] = all_at_once((ask, chosen(request, test_a_consent_ends_connected_when_a_call_to_aws_fails)))
    alerts = {
        case: (future.result(), inbox.wait_for(future.result().name, "reconsent_required"))
        for case, future in asking.items()
    }
    return {case: (credential, alert["connect_url"]) for case, (credential, alert) in alerts.items() if alert}


@pytest.fixture(scope="module")
def seen(
    request: pytest.FixtureRequest, fleet: Fleet, faulty: FaultyAws, asked: dict[Case, tuple[ManagedCredential, str]]
) -> tuple[dict[Case, Future[Seen]], dict[Case, Future[Seen]]]:
    """Run every case of a refresh and of a consent: once during the fault, and once more after it."""

    def refresh(case: Case) -> Seen:
        credential = fleet.put(f"refresh-{case.name}", rotation="strict")
        with failing(faulty, case.fault(name=credential.name, secret=fleet.secret_id(credential))) as fault_id:
            fleet.deliver(credential)
        try_again(fleet, credential)
        return observe(fleet, faulty, credential, fault_id)

    def consent(case: Case) -> Seen:
        credential, link = asked[case]
        visit = Visit(link)
        names = {"name": credential.name, "secret": fleet.secret_id(credential)}
        if case.call is BEGIN:
            with failing(faulty, case.fault(**names)) as fault_id:
                departure = visit.depart()
            pages = [visit.arrive() if departure.buttons else departure]
        else:
            visit.depart()
            if case.call is RECALL:
                visit.arrive()
            with failing(faulty, case.fault(**names, state=visit.state)) as fault_id:
                pages = [visit.reload() if case.call is RECALL else visit.arrive()]
        if pages[0].heading not in CONNECTED:
            pages.append(Visit(link).connect())
        try_again(fleet, credential)
        return observe(fleet, faulty, credential, fault_id, *pages)

    refreshes, consents = all_at_once(
        (refresh, chosen(request, test_a_refresh_loses_nothing_when_a_call_to_aws_fails)),
        (consent, chosen(request, test_a_consent_ends_connected_when_a_call_to_aws_fails)),
    )
    return refreshes, consents


@pytest.mark.parametrize("case", parameters(REFRESHES))
def test_a_refresh_loses_nothing_when_a_call_to_aws_fails(
    seen: tuple[dict[Case, Future[Seen]], dict[Case, Future[Seen]]], case: Case
) -> None:
    refresh = seen[0][case].result()
    assert refresh.fired
    # The import and one refresh: no token was requested twice, and no spent token was presented.
    assert refresh.outcomes == ["issued", "issued"]
    assert refresh.newest_is_current
    assert refresh.note == NOTE
    assert (refresh.status, refresh.status_tag) == ("healthy", "healthy")


@pytest.mark.parametrize("case", parameters(CONSENTS))
def test_a_consent_ends_connected_when_a_call_to_aws_fails(
    seen: tuple[dict[Case, Future[Seen]], dict[Case, Future[Seen]]], case: Case
) -> None:
    consent = seen[1][case].result()
    assert consent.fired
    assert consent.pages[-1] in CONNECTED
    assert set(consent.pages[:-1]) <= ASKED_TO_TRY_AGAIN
    assert set(consent.outcomes) == {"issued"}
    assert consent.newest_is_current
    assert consent.note == NOTE
    assert (consent.status, consent.status_tag) == ("healthy", "healthy")


@pytest.mark.parametrize("kind", FaultKind, ids=str)
def test_a_circuit_that_cannot_be_read_stops_no_refresh(fleet: Fleet, faulty: FaultyAws, kind: FaultKind) -> None:
    """All credentials share one circuit, so this cannot run concurrently with the other cases.

    A process that has seen it a moment ago does not read it, so other credentials are refreshed until one does.
    """
    numbers = count()
    with failing(faulty, ASK_CIRCUIT.fault(kind, None)) as fault_id:

        def met() -> ManagedCredential | None:
            credential = fleet.put(f"circuit-{kind.name.lower()}-{next(numbers)}", rotation="strict")
            fleet.deliver(credential)
            return credential if faulty.fired(fault_id) else None

        credential = eventually(met)
    assert credential
    assert fleet.outcomes(credential) == ["issued", "issued"]
    assert fleet.entry(credential)["status"] == "healthy"


class Visit:
    """One person with one browser and one link."""

    def __init__(self, link: str) -> None:
        self._link = link
        self._browser = Browser()
        self._departed: PageSeen | None = None
        self._arrived = ""

    @property
    def state(self) -> str:
        """The digest under which the state is stored."""
        assert self._departed
        [state] = parse_qs(urlsplit(self._departed.url).query)["state"]
        return digest(Sensitive(state))

    def depart(self) -> PageSeen:
        landing = self._browser.open(self._link)
        self._departed = self._browser.press(landing, "Continue to Microsoft") if landing.buttons else landing
        return self._departed

    def arrive(self) -> PageSeen:
        assert self._departed
        page = self._browser.press(self._departed, PERSON)
        self._arrived = page.url
        return page

    def reload(self) -> PageSeen:
        return self._browser.open(self._arrived)

    def connect(self) -> PageSeen:
        page = self.depart()
        return self.arrive() if page.buttons else page
