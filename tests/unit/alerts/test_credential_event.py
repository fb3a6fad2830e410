"""A credential event: its JSON, and the schema of the JSON."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jsonschema import ValidationError

from local.story.schemas import EVENT_SCHEMA
from token_refresher.alerts.credential_event import CredentialEvent, Kind
from token_refresher.credential.identity import Identity
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import Actor, Diagnosis
from token_refresher.registry.entry import RegistryEntry

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
ENTRY = RegistryEntry(
    "team/ads",
    "00000000-0000-4000-8000-000000000001",
    Status.HEALTHY,
    next_action_at=AT,
    expires_at=AT + timedelta(hours=1),
    refreshed_at=AT,
)
WHY = Diagnosis("50173", Actor.USER, certain=True, cause="The sign-in was revoked.", action="Sign in.")
REFRESHED = CredentialEvent(Kind.REFRESHED, ENTRY, AT)
NEED = CredentialEvent(Kind.NEEDS_CONSENT, replace(ENTRY, status=Status.NEEDS_CONSENT, diagnosis=WHY), AT)


def envelope(event: CredentialEvent, **changes: Any) -> dict[str, Any]:
    detail = {**json.loads(event.to_json()), **changes}
    return {"source": "token-refresher", "detail-type": str(event.kind), "detail": detail}


def test_pipelines_get_exactly_the_keys_of_the_contract() -> None:
    assert json.loads(NEED.to_json()) == {
        "credential": "team/ads",
        "status": "needs_consent",
        "version_id": "00000000-0000-4000-8000-000000000001",
        "idempotency_key": "CredentialNeedsConsent/team/ads/00000000-0000-4000-8000-000000000001",
        "refreshed_at": "2026-01-31T09:00:00Z",
        "expires_at": "2026-01-31T10:00:00Z",
        "code": "50173",
        "cause": "The sign-in was revoked.",
        "at": "2026-01-31T09:00:00Z",
    }


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_conforms_to_the_schema(kind: Kind) -> None:
    entry = NEED.entry if kind is Kind.NEEDS_CONSENT else ENTRY
    EVENT_SCHEMA.validate(envelope(CredentialEvent(kind, entry, AT)))


def test_the_schema_knows_every_kind_and_every_key() -> None:
    schema = json.loads(EVENT_SCHEMA.path.read_text("utf-8"))["properties"]
    assert schema["detail-type"]["enum"] == [str(kind) for kind in Kind]
    assert list(schema["detail"]["properties"]) == list(json.loads(NEED.to_json()))
    assert schema["detail"]["required"] == list(schema["detail"]["properties"])


@pytest.mark.parametrize(
    ("event", "changes"),
    [
        pytest.param(REFRESHED, {"access_token": "x"}, id="a key that is not in the contract"),
        pytest.param(REFRESHED, {"refreshed_at": None}, id="a new token without its time"),
        pytest.param(REFRESHED, {"status": "retrying"}, id="a new token of a credential that fails"),
        pytest.param(REFRESHED, {"code": "50173"}, id="a diagnosis where nothing is wrong"),
        pytest.param(NEED, {"cause": None}, id="a need without its cause"),
        pytest.param(NEED, {"status": "needs_operator"}, id="a need that is not the user's"),
        pytest.param(NEED, {"at": "2026-01-31 09:00"}, id="another format of time"),
    ],
)
def test_what_breaks_the_contract_is_refused(event: CredentialEvent, changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EVENT_SCHEMA.validate(envelope(event, **changes))


def test_no_fingerprint_no_claim_and_no_person_is_in_an_event() -> None:
    """The entry holds no secret value, and a pipeline needs none of what it holds beside its status and times."""
    full = replace(
        ENTRY,
        identity=Identity("canary@example.com", "canary-tenant", "canary-object", AT),
        client_id="canary-client",
        claims="canary-claims",
        lineage=("canary-fingerprint",),
    )
    assert "canary" not in CredentialEvent(Kind.REFRESHED, full, AT).to_json()


def test_copies_have_the_same_key_and_other_events_another() -> None:
    later = replace(REFRESHED, at=AT + timedelta(minutes=5))
    assert later.idempotency_key == REFRESHED.idempotency_key
    others = [
        replace(REFRESHED, kind=Kind.RECOVERED),
        replace(REFRESHED, entry=replace(ENTRY, name="team/video")),
        replace(REFRESHED, entry=replace(ENTRY, version_id="00000000-0000-4000-8000-000000000002")),
    ]
    assert len({event.idempotency_key for event in [REFRESHED, *others]}) == 4
