"""The contract of every store of incidents, in memory and on AWS."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.manual_clock import START
from token_refresher.alerts.incident import Incident, Incidents
from token_refresher.base.errors import StaleObservationError
from token_refresher.registry.open_alert import Event

ID = "application#client-of-the-operator#7000222"
BARE = Incident(ID, Event.OPERATOR_ACTION_REQUIRED, START)
FULL = Incident(
    ID,
    Event.OPERATOR_ACTION_REQUIRED,
    START,
    affected=("search-ads", "team/shop-ads"),
    members=("search-ads", "team/other-ads", "team/shop-ads"),
    notifications=2,
    notified_at=START + timedelta(days=1),
    over_at=START + timedelta(days=5),
    again=True,
    mended=True,
    warned=True,
    claimed_by="search-ads",
    claimed_at=START + timedelta(days=4),
)


class IncidentsContract:
    """Inherited by the test class of each store, which has the fixture ``incidents``."""

    def test_a_missing_incident_is_none(self, incidents: Incidents) -> None:
        assert incidents.get(ID) is None

    @pytest.mark.parametrize(
        "incident",
        [pytest.param(BARE, id="that has just begun"), pytest.param(FULL, id="with every attribute")],
    )
    def test_an_incident_is_read_as_it_was_saved(self, incidents: Incidents, incident: Incident) -> None:
        assert incidents.save(incident) == incidents.get(ID) == replace(incident, revision=1)

    def test_an_incident_that_was_read_can_be_saved_again(self, incidents: Incidents) -> None:
        again = incidents.save(incidents.save(BARE).joined_by("search-ads", START))
        assert (incidents.get(ID), again.affected, again.revision) == (again, ("search-ads",), 2)

    def test_a_second_new_incident_with_the_same_id_is_refused(self, incidents: Incidents) -> None:
        stored = incidents.save(BARE)
        with pytest.raises(StaleObservationError):
            incidents.save(FULL)
        assert incidents.get(ID) == stored

    def test_an_incident_with_an_older_revision_is_refused(self, incidents: Incidents) -> None:
        first = incidents.save(BARE)
        second = incidents.save(first.joined_by("search-ads", START))
        with pytest.raises(StaleObservationError):
            incidents.save(first.joined_by("team/shop-ads", START))
        assert incidents.get(ID) == second

    def test_a_write_whose_answer_was_lost_can_be_made_again(self, incidents: Incidents) -> None:
        first = incidents.save(BARE)
        assert incidents.save(BARE) == incidents.get(ID) == first

    def test_incidents_are_independent(self, incidents: Incidents) -> None:
        other = incidents.save(replace(FULL, id="authority#https://login.example.com"))
        incidents.save(BARE)
        assert incidents.get(other.id) == other
