"""How a request proves which client sends it."""

import json
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from token_refresher.base.errors import MalformedCredentialError
from token_refresher.credential.document import Credential
from token_refresher.providers.catalogue.builtin import builtin
from token_refresher.providers.catalogue.entry import AuthMethod, ProviderEntry
from token_refresher.providers.client_assertion import ClientAssertions
from token_refresher.providers.client_proof import ClientProof, client_proof


def entry(*methods: AuthMethod) -> ProviderEntry:
    known = builtin("oauth2")
    return replace(known, token=replace(known.token, auth_methods=methods))


def credential(**keys: Any) -> Credential:
    return Credential.parse(json.dumps({"client_id": "an app:1", "provider": "oauth2", **keys}))


def proven(entry: ProviderEntry, credential: Credential) -> ClientProof:
    assertions = ClientAssertions(lambda: datetime(2026, 1, 31, 9, tzinfo=UTC))
    return client_proof(entry, credential, "https://id.example.com/token", assertions)


def test_a_client_secret_is_sent_in_the_form() -> None:
    proof = proven(entry(AuthMethod.POST, AuthMethod.BASIC), credential(client_secret="planted-secret"))
    assert (proof.form, proof.headers) == ({"client_id": "an app:1", "client_secret": "planted-secret"}, {})


def test_with_http_basic_both_are_form_encoded_first_and_the_form_has_neither() -> None:
    proof = proven(entry(AuthMethod.BASIC, AuthMethod.POST), credential(client_secret="planted:secret/+"))
    scheme, _, pair = proof.headers["Authorization"].partition(" ")
    assert (scheme, b64decode(pair).decode()) == ("Basic", "an+app%3A1:planted%3Asecret%2F%2B")
    assert proof.form == {}


def test_a_public_client_sends_only_its_id() -> None:
    proof = proven(entry(AuthMethod.POST, AuthMethod.NONE), credential())
    assert (proof.form, proof.headers) == ({"client_id": "an app:1"}, {})


@pytest.mark.parametrize(
    ("methods", "keys", "problem"),
    [
        pytest.param((AuthMethod.POST,), {}, "client_secret is missing", id="no secret, and one is required"),
        pytest.param(
            (AuthMethod.NONE,),
            {"client_secret": "planted-secret"},
            "client_secret is not accepted",
            id="a secret, and none is accepted",
        ),
    ],
)
def test_a_document_without_the_means_is_the_operators(
    methods: tuple[AuthMethod, ...], keys: dict[str, str], problem: str
) -> None:
    with pytest.raises(MalformedCredentialError) as caught:
        proven(entry(*methods), credential(**keys))
    assert str(caught.value).startswith(problem)
    assert "planted" not in str(caught.value)


def test_a_proof_shows_no_secret() -> None:
    proof = proven(entry(AuthMethod.POST), credential(client_secret="planted-secret"))
    assert "planted" not in f"{proof} {proof!r}"
