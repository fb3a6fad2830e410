"""The tokens of a grant, and the identity of a consent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.grant import Grant
from token_refresher.credential.identity import Identity

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
OWNER = Identity("ads-owner@example.com", "tenant-1", "object-1", AT)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param(replace(OWNER, consented_at=AT + timedelta(days=1)), True, id="the same person later"),
        pytest.param(replace(OWNER, username="renamed@example.com"), True, id="the same person under a new name"),
        pytest.param(replace(OWNER, object_id="object-2"), False, id="another person of the tenant"),
        pytest.param(replace(OWNER, tenant_id="tenant-2"), False, id="the same object id in another tenant"),
    ],
)
def test_tenant_and_object_id_identify_a_person(other: Identity, *, same: bool) -> None:
    assert OWNER.is_same_person(other) is same


def test_the_document_of_an_identity_has_its_four_keys_and_a_time_in_utc() -> None:
    moment = datetime(2026, 1, 31, 10, tzinfo=timezone(timedelta(hours=1)))
    assert replace(OWNER, consented_at=moment).to_document() == {
        "username": "ads-owner@example.com",
        "tenant_id": "tenant-1",
        "object_id": "object-1",
        "consented_at": "2026-01-31T09:00:00Z",
    }


def test_a_consent_is_the_same_grant_with_an_identity() -> None:
    grant = Grant(Sensitive("access"), "Bearer", AT, "scope", Sensitive("refresh"), AT)
    consent = grant.consented_by(OWNER)
    assert (consent.identity, grant.identity) == (OWNER, None)
    assert replace(consent, identity=None) == grant


def test_the_repr_of_a_grant_shows_no_token() -> None:
    grant = Grant(Sensitive("canary-a"), "Bearer", AT, "scope", Sensitive("canary-b"), AT, Sensitive("canary-c"))
    assert "canary" not in repr(grant)
