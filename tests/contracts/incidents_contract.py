"""What every place of incidents does, in memory or at AWS."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.manual_clock import START
from token_refresher.alert import Event
from token_refresher.errors import StaleObservationError
from token_refresher.incident import Incident, Incidents

ID = "application#client-of-the-operator#7000222"
BARE = Incident(ID, Event.OPERATOR_ACTION_REQUIRED, START)
FULL = Incident(
    ID,
    Event.OPERATOR_ACTION_REQUIRED,
    START,
    affected=("search-ads", "team/shop-ads"),
    members=("search-ads", "team/other-ads", "team/shop-ads"),
    told=2,
    told_at=START + timedelta(days=1),
    over_at=START + timedelta(days=5),
    again=True,
    mended=True,
    claimed_by="search-ads",
    claimed_at=START + timedelta(days=4),
)


class IncidentsContract:
    """Inherited by one test class a place; it brings the fixture ``incidents``."""

    def test_an_incident_that_is_not_there_is_none(self, incidents: Incidents) -> None:
        assert incidents.get(ID) is None

    @pytest.mark.parametrize(
        "incident",
        [pytest.param(BARE, id="that has just begun"), pytest.param(FULL, id="of which everything is known")],
    )
    def test_an_incident_is_read_as_it_was_saved(self, incidents: Incidents, incident: Incident) -> None:
        assert incidents.save(incident) == incidents.get(ID) == replace(incident, revision=1)

    def test_an_incident_is_saved_again_by_who_has_read_it(self, incidents: Incidents) -> None:
        again = incidents.save(incidents.save(BARE).joined_by("search-ads"))
        assert (incidents.get(ID), again.affected, again.revision) == (again, ("search-ads",), 2)

    def test_a_second_first_observation_is_refused(self, incidents: Incidents) -> None:
        stored = incidents.save(BARE)
        with pytest.raises(StaleObservationError):
            incidents.save(FULL)
        assert incidents.get(ID) == stored

    def test_an_older_observation_is_refused(self, incidents: Incidents) -> None:
        first = incidents.save(BARE)
        second = incidents.save(first.joined_by("search-ads"))
        with pytest.raises(StaleObservationError):
            incidents.save(first.joined_by("team/shop-ads"))
        assert incidents.get(ID) == second

    def test_a_write_that_went_unanswered_can_be_made_again(self, incidents: Incidents) -> None:
        first = incidents.save(BARE)
        assert incidents.save(BARE) == incidents.get(ID) == first

    def test_incidents_do_not_mix(self, incidents: Incidents) -> None:
        other = incidents.save(replace(FULL, id="authority#https://login.example.com"))
        incidents.save(BARE)
        assert incidents.get(other.id) == other
