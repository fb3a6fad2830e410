"""The credential document: how it is read, and how a grant changes it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_refresher.base.clock import to_rfc3339
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import DEFAULT_TENANT, Credential
from token_refresher.credential.grant import Grant
from token_refresher.credential.identity import Identity
from token_refresher.credential.scopes import DEFAULT_SCOPE

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
OWNER = Identity("ads-owner@example.com", "tenant-1", "object-1", AT)
GRANT = Grant(
    access_token=Sensitive("new-access"),
    token_type="Bearer",
    expires_at=AT + timedelta(hours=1),
    scope="https://ads.microsoft.com/msads.manage",
    refresh_token=Sensitive("new-refresh"),
    issued_at=AT,
)
ONLY_A_REFRESH_TOKEN = replace(GRANT, access_token=None, token_type="", expires_at=None, scope="")
FULL = {
    "client_id": "app-1",
    "client_secret": "canary-secret",
    "previous_client_secret": "canary-previous",
    "tenant": "organizations",
    "scope": "https://ads.microsoft.com/msads.manage offline_access",
    "developer_token": "canary-developer",
    "customer_id": "7654321",
    "account_id": "1234567",
    "client_secret_expires_at": "2026-12-31T00:00:00Z",
    "refresh_token": "canary-refresh",
    "access_token": "canary-access",
    "token_type": "Bearer",
    "granted_scope": "https://ads.microsoft.com/msads.manage",
    "expires_at": "2026-01-31T10:00:00Z",
    "refreshed_at": "2026-01-31T09:00:00Z",
    "refresh_token_issued_at": "2026-01-31T09:00:00Z",
    "identity": OWNER.to_document(),
}


def credential(**changes: Any) -> Credential:
    return Credential.parse(json.dumps({"client_id": "app-1", **changes}))


def members(of: Credential) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(of.dump())
    return document


def test_a_document_needs_only_a_client_id() -> None:
    parsed = Credential.parse('{"client_id": "app-1"}')
    assert (parsed.client_id, parsed.tenant, parsed.scope) == ("app-1", DEFAULT_TENANT, DEFAULT_SCOPE)
    assert (parsed.token_type, parsed.granted_scope) == ("Bearer", "")


def test_the_defaults_are_those_of_the_documentation() -> None:
    assert (DEFAULT_TENANT, DEFAULT_SCOPE) == ("common", "https://ads.microsoft.com/msads.manage offline_access")


def test_an_absent_key_is_none() -> None:
    parsed = credential()
    assert {parsed.client_secret, parsed.developer_token, parsed.refresh_token, parsed.access_token} == {None}
    assert parsed.previous_client_secret is None
    assert {parsed.customer_id, parsed.account_id, parsed.client_secret_expires_at, parsed.expires_at} == {None}
    assert {parsed.refreshed_at, parsed.refresh_token_issued_at, parsed.identity} == {None}


def test_a_key_with_null_is_absent() -> None:
    parsed = credential(client_secret=None, tenant=None, identity=None)
    assert (parsed.client_secret, parsed.tenant, parsed.identity) == (None, DEFAULT_TENANT, None)


def test_a_full_document_is_read_field_by_field() -> None:
    parsed = Credential.parse(json.dumps(FULL))
    assert (parsed.tenant, parsed.customer_id, parsed.account_id) == ("organizations", "7654321", "1234567")
    assert (parsed.client_secret, parsed.developer_token) == (Sensitive("canary-secret"), Sensitive("canary-developer"))
    assert (parsed.refresh_token, parsed.access_token) == (Sensitive("canary-refresh"), Sensitive("canary-access"))
    assert parsed.client_secret_expires_at == datetime(2026, 12, 31, tzinfo=UTC)
    assert (parsed.refreshed_at, parsed.expires_at) == (AT, AT + timedelta(hours=1))
    assert parsed.identity == OWNER


def test_ids_may_be_numbers() -> None:
    parsed = credential(customer_id=7654321, account_id=1234567)
    assert (parsed.customer_id, parsed.account_id) == ("7654321", "1234567")
    assert members(parsed)["account_id"] == 1234567


def test_whitespace_around_a_pasted_value_is_trimmed_for_use() -> None:
    parsed = credential(client_secret="  canary \n", tenant=" common\t", scope=" a b\r\n", account_id="1234567\n")
    assert parsed.client_secret == Sensitive("canary")
    assert (parsed.tenant, parsed.scope, parsed.account_id) == ("common", "a b", "1234567")


def test_whitespace_around_a_pasted_value_stays_in_the_document() -> None:
    text = '{\n  "client_id": " app-1\\n",\n  "client_secret": "  canary \\n"\n}'
    assert Credential.parse(text).dump() == text
    assert members(Credential.parse(text).with_grant(GRANT))["client_secret"] == "  canary \n"


@pytest.mark.parametrize(
    "tenant",
    ["common", "organizations", "consumers", "example.com", "9188040d-6c67-4c5b-b112-36a304b66dad"],
)
def test_a_tenant_is_a_word_a_domain_or_an_id(tenant: str) -> None:
    assert credential(tenant=tenant).tenant == tenant


def test_the_repr_shows_no_secret() -> None:
    parsed = Credential.parse(json.dumps(FULL))
    assert repr(parsed) == "Credential(client_id='app-1', tenant='organizations')"
    assert "canary" not in f"{parsed} {parsed!r} {[parsed]}"


def test_a_grant_replaces_the_tokens() -> None:
    renewed = Credential.parse(json.dumps(FULL)).with_grant(GRANT)
    assert (renewed.access_token, renewed.refresh_token) == (Sensitive("new-access"), Sensitive("new-refresh"))
    assert members(renewed) == {
        **FULL,
        "access_token": "new-access",
        "refresh_token": "new-refresh",
        "expires_at": "2026-01-31T10:00:00Z",
        "refreshed_at": "2026-01-31T09:00:00Z",
        "refresh_token_issued_at": "2026-01-31T09:00:00Z",
    }


def test_a_grant_without_a_refresh_token_keeps_that_of_the_document() -> None:
    earlier = {**FULL, "refresh_token_issued_at": "2026-01-01T00:00:00Z"}
    renewed = Credential.parse(json.dumps(earlier)).with_grant(replace(GRANT, refresh_token=None))
    assert renewed.refresh_token == Sensitive("canary-refresh")
    assert renewed.refresh_token_issued_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert renewed.access_token == Sensitive("new-access")


def test_a_refresh_keeps_the_identity() -> None:
    assert Credential.parse(json.dumps(FULL)).with_grant(GRANT).identity == OWNER


def test_a_consent_replaces_the_identity() -> None:
    other = Identity("colleague@example.com", "tenant-1", "object-2", AT + timedelta(days=1))
    assert Credential.parse(json.dumps(FULL)).with_grant(GRANT.consented_by(other)).identity == other


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=5).filter(lambda key: key not in FULL and key.isprintable()),
        st.sampled_from(["1.10", "1e5", r'"\u00e9"', '{"a" :  [ 1 ,2]}', "null", "123456789012345678901234567890"]),
        max_size=4,
    )
)
def test_an_unknown_key_survives_every_grant_byte_for_byte(unknown: dict[str, str]) -> None:
    written = ",\n".join(f"  {json.dumps(key, ensure_ascii=False)}: {raw}" for key, raw in unknown.items())
    text = f'{{"client_id": "app-1",\n{written}}}' if unknown else '{"client_id": "app-1"}'
    renewed = Credential.parse(text).with_grant(GRANT).with_grant(GRANT.consented_by(OWNER)).dump()
    assert written in renewed


def test_a_grant_does_not_change_the_original_document() -> None:
    before = Credential.parse(json.dumps(FULL))
    before.with_grant(GRANT)
    assert members(before) == FULL


def test_the_grant_of_a_document_makes_the_same_document_again() -> None:
    renewed = credential(extra="1").with_grant(GRANT)
    grant = renewed.grant()
    assert grant == GRANT
    assert credential(extra="1").with_grant(GRANT).dump() == credential(extra="1").with_grant(grant).dump()


def test_an_older_refresh_token_is_no_part_of_the_grant() -> None:
    """It came with an earlier grant, and must not replace a newer refresh token."""
    renewed = credential(refresh_token="old", refresh_token_issued_at="2026-01-01T00:00:00Z").with_grant(
        replace(GRANT, refresh_token=None)
    )
    assert renewed.grant() == replace(GRANT, refresh_token=None)


@pytest.mark.parametrize("missing", ["access_token", "expires_at", "refreshed_at"])
def test_a_document_without_a_complete_grant_has_none(missing: str) -> None:
    document = {**FULL, "refresh_token_issued_at": None, missing: None}
    assert Credential.parse(json.dumps(document)).grant() is None


def test_a_grant_of_only_a_refresh_token_changes_nothing_else() -> None:
    before = Credential.parse(json.dumps(FULL))
    changed = members(before.with_grant(ONLY_A_REFRESH_TOKEN))
    assert changed == FULL | {"refresh_token": "new-refresh", "refresh_token_issued_at": to_rfc3339(GRANT.issued_at)}


def test_a_refresh_token_that_came_alone_is_a_grant_of_its_own() -> None:
    """It must not be combined with an older access token."""
    earlier = replace(GRANT, issued_at=GRANT.issued_at - timedelta(hours=1))
    assert credential().with_grant(earlier).with_grant(ONLY_A_REFRESH_TOKEN).grant() == ONLY_A_REFRESH_TOKEN


def test_a_refresh_token_that_came_before_any_access_token_is_a_grant_of_its_own() -> None:
    assert credential().with_grant(ONLY_A_REFRESH_TOKEN).grant() == ONLY_A_REFRESH_TOKEN


@pytest.mark.parametrize(
    ("grant", "holds"),
    [
        pytest.param(GRANT, True, id="both tokens: holds it"),
        pytest.param(replace(GRANT, refresh_token=None), True, id="only an access token: holds it"),
        pytest.param(ONLY_A_REFRESH_TOKEN, True, id="only a refresh token: holds it"),
        pytest.param(replace(GRANT, access_token=Sensitive("other")), False, id="another access token: does not"),
        pytest.param(replace(GRANT, refresh_token=Sensitive("other")), False, id="another refresh token: does not"),
    ],
)
def test_a_document_knows_whether_it_holds_a_grant(grant: Grant, *, holds: bool) -> None:
    assert credential().with_grant(GRANT).holds(grant) is holds


def test_a_credential_without_a_refresh_token_has_an_empty_fingerprint() -> None:
    assert credential().fingerprint == ""


@pytest.mark.parametrize(
    ("fields", "newest"),
    [
        pytest.param({}, datetime.min.replace(tzinfo=UTC), id="no tokens: the earliest possible time"),
        pytest.param({"refreshed_at": "2026-01-31T09:00:00Z"}, AT, id="only an access token"),
        pytest.param(
            {"refreshed_at": "2026-01-30T09:00:00Z", "refresh_token_issued_at": "2026-01-31T09:00:00Z"},
            AT,
            id="a newer refresh token",
        ),
        pytest.param(
            {"refreshed_at": "2026-01-31T09:00:00Z", "refresh_token_issued_at": "2026-01-30T09:00:00Z"},
            AT,
            id="a newer access token",
        ),
    ],
)
def test_the_newest_token_gives_the_age_of_a_document(fields: dict[str, str], newest: datetime) -> None:
    assert credential(**fields).newest_at == newest


def test_the_consent_generation_is_the_time_of_the_consent() -> None:
    assert Credential.parse(json.dumps(FULL)).consent_generation == "2026-01-31T09:00:00Z"


def test_before_the_first_consent_the_generation_is_empty() -> None:
    assert credential().consent_generation == ""


def test_a_refresh_keeps_the_consent_generation_and_a_consent_changes_it() -> None:
    before = Credential.parse(json.dumps(FULL))
    later = replace(OWNER, consented_at=AT + timedelta(days=1))
    assert before.with_grant(GRANT).consent_generation == before.consent_generation
    assert before.with_grant(GRANT.consented_by(later)).consent_generation == "2026-02-01T09:00:00Z"


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"scope": " "}, id="a blank scope"),
        pytest.param({"scope": "a\tb"}, id="a scope with a tab"),
        pytest.param({"token_type": " "}, id="a blank token type"),
        pytest.param({"token_type": "Bearer\x00"}, id="a token type with a control character"),
    ],
)
def test_an_odd_text_beside_the_tokens_loses_no_refresh_token(odd: dict[str, str]) -> None:
    """The old token may be spent already, so no other text of the answer may prevent the write."""
    renewed = credential(refresh_token="old").with_grant(replace(GRANT, **odd))  # type: ignore[arg-type]
    # The two fields are texts; mypy checks ** against all of them.
    assert renewed.refresh_token == Sensitive("new-refresh")


def test_an_unprintable_name_loses_no_consent() -> None:
    """Display names in right-to-left scripts contain unprintable marks."""
    renewed = credential().with_grant(GRANT.consented_by(replace(OWNER, username="owner\u200f of ads")))
    assert renewed.refresh_token == Sensitive("new-refresh")


@pytest.mark.parametrize(
    ("scope", "is_sandbox"),
    [
        pytest.param(DEFAULT_SCOPE, False, id="production"),
        pytest.param("https://si.ads.microsoft.com/msads.manage offline_access", True, id="the sandbox"),
        pytest.param("offline_access https://si.ads.microsoft.com/msads.manage", True, id="in another order"),
        pytest.param("https://si.ads.microsoft.com/msads.manage.read offline_access", False, id="another permission"),
    ],
)
def test_the_scope_says_whether_it_is_the_sandbox(scope: str, is_sandbox: bool) -> None:
    assert Credential.parse(json.dumps({"client_id": "app-1", "scope": scope})).is_sandbox is is_sandbox


def test_a_credential_can_use_its_previous_client_secret() -> None:
    before = Credential.parse(json.dumps(FULL)).with_previous_client_secret()
    assert before is not None
    assert before.client_secret == Sensitive("canary-previous")


def test_using_the_previous_client_secret_does_not_change_the_document() -> None:
    before = Credential.parse(json.dumps(FULL)).with_previous_client_secret()
    assert before is not None
    assert before.dump() == Credential.parse(json.dumps(FULL)).dump()


@pytest.mark.parametrize(
    "previous",
    [pytest.param(None, id="there is none"), pytest.param("canary-secret", id="it is the current one")],
)
def test_there_is_no_previous_client_secret_to_use_if(previous: str | None) -> None:
    assert (
        credential(client_secret="canary-secret", previous_client_secret=previous).with_previous_client_secret() is None
    )


ENDS_AT = AT + timedelta(days=365)


@pytest.mark.parametrize(
    ("known", "grant", "end"),
    [
        pytest.param(None, GRANT, None, id="no end is known: no key"),
        pytest.param(None, replace(GRANT, refresh_token_expires_at=ENDS_AT), ENDS_AT, id="a refresh learns it"),
        pytest.param(AT, GRANT, AT, id="a refresh that learns nothing keeps it"),
        pytest.param(AT, replace(GRANT, refresh_token_expires_at=ENDS_AT), ENDS_AT, id="a refresh learns another one"),
        pytest.param(AT, GRANT.consented_by(OWNER), None, id="a consent without an end removes it"),
        pytest.param(
            AT,
            replace(GRANT, refresh_token_expires_at=ENDS_AT).consented_by(OWNER),
            ENDS_AT,
            id="a consent replaces it",
        ),
    ],
)
def test_the_end_of_a_refresh_token(known: datetime | None, grant: Grant, end: datetime | None) -> None:
    before = credential(refresh_token_expires_at=to_rfc3339(known)) if known else credential()
    renewed = before.with_grant(grant)
    assert renewed.refresh_token_expires_at == end
    assert members(renewed).get("refresh_token_expires_at") == (to_rfc3339(end) if end else None)


def test_the_grant_of_a_document_has_the_end_of_its_refresh_token() -> None:
    grant = replace(GRANT, refresh_token_expires_at=ENDS_AT)
    assert credential().with_grant(grant).grant() == grant


@pytest.mark.parametrize("key", ["private_key", "private_key_kms_key_id"])
def test_with_a_private_key_there_is_no_previous_client_secret_to_try(key: str) -> None:
    assert credential(**{key: "alias/acme", "previous_client_secret": "canary"}).with_previous_client_secret() is None
