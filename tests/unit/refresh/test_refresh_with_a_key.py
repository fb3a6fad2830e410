"""A refresh whose client has a private key: what is wrong with the key shows before the exchange begins."""

import json
from datetime import timedelta

import pytest

from tests.fakes.keys import certificate, pem, rsa_key
from tests.fakes.manual_clock import START
from tests.fakes.world import DUE_AGE, NAME, World
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.credential.document import Credential
from token_refresher.credential.status import Status
from token_refresher.providers.catalogue.builtin import builtin
from token_refresher.providers.client_assertion import ClientAssertions, KmsSign, no_kms
from token_refresher.providers.client_proof import client_proof
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result

DAY = timedelta(days=1)
CANARY = "canary-90ab"


def a_world(monkeypatch: pytest.MonkeyPatch, kms_sign: KmsSign = no_kms, **keys: str) -> World:
    """Return a world whose provider wants a proof, as the real client of its token endpoint does."""
    world = World()
    entry, assertions = builtin("microsoft-advertising"), ClientAssertions(world.clock, kms_sign)

    def prepare(credential: Credential) -> None:
        client_proof(entry, credential, "https://login.example.com/token", assertions)

    monkeypatch.setattr(world.authority, "prepare", prepare)
    world.manage()
    world.edit(**keys)
    return world


def told(world: World) -> str:
    """Return all that people and the registry have."""
    return f"{[alert.to_json() for alert in world.topic.alerts]} {world.registry.entries!r} {world.topic.alerts!r}"


def test_a_good_key_refreshes(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world(monkeypatch, private_key=pem(rsa_key()), certificate=certificate(rsa_key(), START + 400 * DAY))
    assert world.refresh().result is Result.REFRESHED
    assert world.current().private_key is not None


def test_a_bad_key_needs_the_operator_and_no_exchange_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world(monkeypatch, private_key=CANARY)
    assert world.refresh().result is Result.NEEDS_A_PERSON
    assert (world.entry().status, world.entry().intent, world.authority.presented) == (Status.NEEDS_OPERATOR, None, [])
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]
    assert "private_key is no private key in PEM" in told(world)
    assert CANARY not in told(world)


def test_a_corrected_key_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world(monkeypatch, private_key=CANARY)
    world.refresh()
    world.edit(private_key=pem(rsa_key()))
    assert world.refresh().result is Result.REFRESHED
    assert world.topic.events[-1] is Event.RECOVERED
    assert "BEGIN" not in told(world)


def test_a_right_that_is_missing_is_named_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_key: str, _digest: bytes) -> bytes:
        raise ServiceUnavailableError("kms.Sign", "AccessDeniedException", passing=False)

    world = a_world(monkeypatch, denied, private_key_kms_key_id="alias/acme")
    for _ in range(20):
        world.refresh()
        world.clock.advance(timedelta(minutes=10))
    assert (world.entry().status, world.authority.presented) == (Status.NEEDS_OPERATOR, [])
    assert "kms:Sign" in told(world)


def test_kms_that_does_not_answer_leaves_no_exchange_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_key: str, _digest: bytes) -> bytes:
        raise ServiceUnavailableError("kms", "EndpointConnectionError")

    world = a_world(monkeypatch, down, private_key_kms_key_id="alias/acme")
    with pytest.raises(ServiceUnavailableError):
        world.refresh()
    assert (world.entry().intent, world.authority.presented) == (None, [])


def test_people_are_warned_of_the_end_of_a_certificate_four_times() -> None:
    world = World()
    end = world.clock() + 40 * DAY
    world.manage(certificate=certificate(rsa_key(), end))
    for _ in range(40):
        world.clock.advance(DAY)
        world.refresh()
    warnings = [alert for alert in world.topic.alerts if alert.event is Event.EXPIRY_WARNING]
    assert [(end - alert.at).days for alert in warnings] == [30, 14, 7, 1]
    assert {alert.code for alert in warnings} == {"certificate_expires"}
    assert {json.loads(alert.to_json())["expires_at"] for alert in warnings} == {to_rfc3339(end)}


def test_the_credentials_of_one_application_share_the_warning_of_a_certificate() -> None:
    world = World()
    for name in ("ads-a", "ads-b"):
        world.manage(name, certificate=certificate(rsa_key(), world.clock() + 20 * DAY))
        world.refresh(name)
    assert [alert.code for alert in world.topic.alerts] == ["certificate_expires"]


def test_a_certificate_that_cannot_be_read_stops_no_refresh_by_itself() -> None:
    world = World()
    world.manage(certificate="no certificate")
    world.clock.advance(DUE_AGE)
    assert world.refresh(NAME).result is Result.REFRESHED
