"""Every AWS call of a refresh and of a consent, failing in every way, against the deployed stack.

The provider rotates strictly: had a refresh token been lost, the next attempt would present a spent one, and the grant
would be dead. The cases run side by side, each with a credential of its own, and each test looks at one of them.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest

from local.alerts import AlertInbox
from local.browser import Browser, PageSeen
from local.estate import NOTE, Estate, Holding
from local.faults import Fault, FaultKind, FaultyAws, behind
from tests.faults.fault_cases import ASK_CIRCUIT, BEGIN, CONSENTS, RECALL, REFRESHES, Case, all_at_once
from tests.flows.household import PERSON, TICK_SECONDS
from token_refresher.consents import digest
from token_refresher.sensitive import Sensitive

CONNECTED = {"Connected", "Already connected", "Signed in, almost connected"}
TOLD_TO_TRY_AGAIN = {
    "This page is not available right now",
    "This sign-in is not known",
    "Your sign-in could not be saved",
}


@dataclass(frozen=True)
class Seen:
    """What is there when a fault is over and the work was tried once more."""

    fired: int
    newest_is_current: bool
    note: str
    outcomes: list[str]
    status: str
    shown: str | None
    pages: tuple[str, ...] = ()


@pytest.fixture(scope="module", autouse=True)
def functions_behind_faults(estate: Estate, faulty: FaultyAws) -> Iterator[None]:
    functions = [estate.stack.outputs["RefreshFunctionName"], estate.stack.outputs["CallbackFunctionName"]]
    with behind(faulty, estate.stack.aws, functions):
        yield


@contextmanager
def failing(faulty: FaultyAws, fault: Fault) -> Iterator[int]:
    [fault_id] = faulty.inject(fault)
    try:
        yield fault_id
    finally:
        faulty.end(fault)


def look(estate: Estate, faulty: FaultyAws, holding: Holding, fault_id: int, *pages: PageSeen) -> Seen:
    return Seen(
        faulty.fired(fault_id),
        estate.keeps_the_newest_token(holding),
        estate.document(holding)["note"],
        estate.outcomes(holding),
        estate.entry(holding)["status"],
        estate.status_shown(holding),
        tuple(page.heading for page in pages),
    )


@pytest.fixture(scope="module")
def asked(estate: Estate) -> dict[Case, tuple[Holding, str]]:
    """Let everybody be asked to sign in, each for the credential of one case; return the links."""
    inbox = AlertInbox(estate.stack.aws, estate.stack.outputs["AlertTopicArn"], "fault-alerts")

    def ask(case: Case) -> Holding:
        holding = estate.put(f"consent-{case.name}", rotation="strict", granted=False)
        estate.deliver(holding)
        return holding

    [asking] = all_at_once((ask, CONSENTS))
    alerts = {
        case: (holding.result(), inbox.wait_for(holding.result().name, "reconsent_required", TICK_SECONDS))
        for case, holding in asking.items()
    }
    return {case: (holding, alert["connect_url"]) for case, (holding, alert) in alerts.items() if alert}


@pytest.fixture(scope="module")
def seen(
    estate: Estate, faulty: FaultyAws, asked: dict[Case, tuple[Holding, str]]
) -> tuple[dict[Case, Future[Seen]], dict[Case, Future[Seen]]]:
    """Run every case of a refresh and of a consent: what was begun during the fault is tried once more after it."""

    def refresh(case: Case) -> Seen:
        holding = estate.put(f"refresh-{case.name}", rotation="strict")
        with failing(faulty, case.fault(name=holding.name, secret=estate.secret_id(holding))) as fault_id:
            estate.deliver(holding)
        estate.let_time_pass(holding)
        estate.deliver(holding)
        return look(estate, faulty, holding, fault_id)

    def consent(case: Case) -> Seen:
        holding, link = asked[case]
        visit = Visit(link)
        names = {"name": holding.name, "secret": estate.secret_id(holding)}
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
        # A tick sends the credential to the refresh function some time later, whatever the page said.
        estate.let_time_pass(holding)
        estate.deliver(holding)
        return look(estate, faulty, holding, fault_id, *pages)

    refreshes, consents = all_at_once((refresh, REFRESHES), (consent, CONSENTS))
    return refreshes, consents


@pytest.mark.parametrize("case", REFRESHES, ids=str)
def test_a_refresh_loses_nothing_when_a_call_to_aws_fails(
    seen: tuple[dict[Case, Future[Seen]], dict[Case, Future[Seen]]], case: Case
) -> None:
    refresh = seen[0][case].result()
    assert refresh.fired
    # The import and one refresh: nothing was asked for twice, and no spent token was presented.
    assert refresh.outcomes == ["issued", "issued"]
    assert refresh.newest_is_current
    assert refresh.note == NOTE
    assert (refresh.status, refresh.shown) == ("healthy", "healthy")


@pytest.mark.parametrize("case", CONSENTS, ids=str)
def test_a_consent_ends_connected_when_a_call_to_aws_fails(
    seen: tuple[dict[Case, Future[Seen]], dict[Case, Future[Seen]]], case: Case
) -> None:
    consent = seen[1][case].result()
    assert consent.fired
    assert consent.pages[-1] in CONNECTED
    assert set(consent.pages[:-1]) <= TOLD_TO_TRY_AGAIN
    assert set(consent.outcomes) == {"issued"}
    assert consent.newest_is_current
    assert consent.note == NOTE
    assert (consent.status, consent.shown) == ("healthy", "healthy")


@pytest.mark.parametrize("kind", FaultKind, ids=str)
def test_a_circuit_that_cannot_be_asked_is_in_nobodys_way(estate: Estate, faulty: FaultyAws, kind: FaultKind) -> None:
    """It is one for all credentials, so that this is no case beside the others."""
    holding = estate.put(f"circuit-{kind.name.lower()}", rotation="strict")
    with failing(faulty, ASK_CIRCUIT.fault(kind, None)) as fault_id:
        estate.deliver(holding)
        assert faulty.fired(fault_id)
    assert estate.outcomes(holding) == ["issued", "issued"]
    assert estate.entry(holding)["status"] == "healthy"


class Visit:
    """One person with one browser and one link."""

    def __init__(self, link: str) -> None:
        self._link = link
        self._browser = Browser()
        self._departed: PageSeen | None = None
        self._arrived = ""

    @property
    def state(self) -> str:
        """What the state is known by."""
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
