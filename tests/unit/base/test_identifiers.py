"""Identifiers that the issuer treats as equal have the same normal form, and others do not."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_refresher.base import identifiers

GUID = "0000aaaa-11bb-cccc-dd22-eeeeee333333"
Form = Callable[[str], object]


@pytest.mark.parametrize(
    ("form", "variants"),
    [
        pytest.param(identifiers.guid, [GUID, GUID.upper(), "0000Aaaa-11bB-cccc-dd22-EEEEEE333333"], id="a GUID"),
        pytest.param(identifiers.client_id, [GUID, GUID.upper()], id="a client id of Microsoft's"),
        pytest.param(identifiers.client_ids, [GUID, GUID.upper()], id="a client id, as it may be stored"),
        pytest.param(identifiers.tenant, [GUID, GUID.upper()], id="a tenant by its GUID"),
        pytest.param(identifiers.tenant, ["contoso.example.com", "Contoso.Example.COM"], id="a tenant by its domain"),
        pytest.param(identifiers.tenant, ["common", "Common", "COMMON"], id="a tenant by a word of Microsoft's"),
        pytest.param(identifiers.number, ["1234567", "01234567", "0000001234567"], id="a number of an account"),
        pytest.param(identifiers.number, ["0", "00"], id="zero"),
        pytest.param(identifiers.scopes, ["a b", "b a", " a\tb ", "a b a", "A b"], id="scopes"),
        pytest.param(identifiers.token_type, ["Bearer", "bearer", "BEARER"], id="a token type"),
        pytest.param(
            identifiers.url,
            [
                "https://login.example.com/path",
                "https://login.example.com/path/",
                "HTTPS://Login.Example.COM/path",
                "https://login.example.com:443/path",
                "https://login.example.com:/path",
            ],
            id="the URL of a service",
        ),
        pytest.param(identifiers.url, ["http://localhost", "http://localhost:80/", "http://LOCALHOST"], id="a host"),
        pytest.param(identifiers.url, ["https://[::1]", "https://[::1]:443"], id="an IPv6 address"),
        pytest.param(
            identifiers.trimmed,
            ["value", " value\n", "\tvalue\r\n", "\u00a0value\u00a0", "\u200bvalue\ufeff", "\ufeff\u2060 value"],
            id="a pasted value",
        ),
    ],
)
def test_equal_identifiers_have_one_normal_form(form: Form, variants: list[str]) -> None:
    assert {form(variant) for variant in variants} == {form(variants[0])}


@pytest.mark.parametrize(
    ("form", "different"),
    [
        pytest.param(identifiers.client_id, ["app-1", "App-1"], id="client ids that are no GUIDs"),
        pytest.param(identifiers.guid, [GUID, GUID.replace("-", "")], id="a GUID without its hyphens"),
        pytest.param(identifiers.guid, ["Subject", "subject"], id="subjects, which have a case"),
        pytest.param(identifiers.number, ["1234567", "12345670"], id="a number with a trailing zero"),
        pytest.param(identifiers.number, ["F0012345", "F12345"], id="account numbers with a letter"),
        pytest.param(identifiers.scopes, ["a b", "a"], id="fewer scopes"),
        pytest.param(identifiers.scopes, ["https://a.example.com/x", "https://b.example.com/x"], id="other hosts"),
        pytest.param(identifiers.token_type, ["Bearer", "DPoP"], id="other token types"),
        pytest.param(
            identifiers.url, ["https://example.com/a", "https://example.com/A"], id="paths, which have a case"
        ),
        pytest.param(identifiers.url, ["https://example.com", "http://example.com"], id="schemes"),
        pytest.param(identifiers.url, ["https://example.com", "https://example.com:8443"], id="ports"),
        pytest.param(identifiers.url, ["http://example.com", "http://example.com:443"], id="the other scheme's port"),
        pytest.param(identifiers.url, ["https://A@example.com", "https://a@example.com"], id="users, who have a case"),
    ],
)
def test_different_identifiers_have_different_normal_forms(form: Form, different: list[str]) -> None:
    assert form(different[0]) != form(different[1])


@pytest.mark.parametrize("form", [identifiers.guid, identifiers.tenant, identifiers.number, identifiers.token_type])
@given(text=st.text())
def test_a_normal_form_is_its_own_normal_form(form: Callable[[str], str], text: str) -> None:
    assert form(form(text)) == form(text)


def test_a_token_type_is_written_as_pipelines_send_it() -> None:
    assert identifiers.token_type("bearer") == "Bearer"


def test_a_url_whose_port_is_no_number_is_rejected() -> None:
    with pytest.raises(ValueError, match=r"[Pp]ort"):
        identifiers.url("https://example.com:port")
