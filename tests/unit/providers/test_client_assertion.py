"""The client assertion: a token that the public key verifies, from a key in either place."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import boto3
import pytest
import responses
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from moto import mock_aws

from tests.fakes.keys import another_key, certificate, pem, rsa_key
from token_refresher.aws.kms_signing import kms_sign
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.providers.catalogue.builtin import builtin, builtin_names
from token_refresher.providers.catalogue.entry import AuthMethod
from token_refresher.providers.client_assertion import ClientAssertions
from token_refresher.providers.client_proof import client_proof
from token_refresher.providers.http import HttpClient
from token_refresher.providers.token_endpoint import TokenEndpoint

NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
AUDIENCE = "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token"
CANARY = "canary-2f7d"
ACCEPTING = [name for name in builtin_names() if AuthMethod.PRIVATE_KEY_JWT in builtin(name).token.auth_methods]


def credential(**keys: Any) -> Credential:
    known = {"client_id": "app-1", "provider": "microsoft-entra", "scope": "read", "tenant": "contoso.example"}
    return Credential.parse(json.dumps({**known, **keys}))


def part(text: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return decoded


def verified(
    assertion: str, public_key: PublicKeyTypes, salt: Any = hashes.SHA256.digest_size
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the header and the claims of an assertion whose signature is good."""
    head, body, signature = assertion.split(".")
    assert isinstance(public_key, rsa.RSAPublicKey)
    public_key.verify(
        base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)),
        f"{head}.{body}".encode(),
        padding.PSS(padding.MGF1(hashes.SHA256()), salt),
        hashes.SHA256(),
    )
    return part(head), part(body)


def made(**keys: Any) -> str:
    return ClientAssertions(lambda: NOW).make(credential(**keys), AUDIENCE).reveal()


def test_an_assertion_has_the_claims_of_the_rfc_and_a_signature_that_the_public_key_verifies() -> None:
    header, claims = verified(made(private_key=pem(rsa_key())), rsa_key().public_key())
    assert header == {"alg": "PS256", "typ": "JWT"}
    assert claims.pop("jti")
    at = int(NOW.timestamp())
    assert claims == {"aud": AUDIENCE, "iss": "app-1", "sub": "app-1", "iat": at, "nbf": at, "exp": at + 600}


def test_each_assertion_has_an_id_of_its_own() -> None:
    ids = {part(made(private_key=pem(rsa_key())).split(".")[1])["jti"] for _ in range(3)}
    assert len(ids) == 3


def test_a_certificate_is_named_by_its_sha_256_thumbprint() -> None:
    text = certificate(rsa_key())
    header, _ = verified(made(private_key=pem(rsa_key()), certificate=text), rsa_key().public_key())
    der = x509.load_pem_x509_certificate(text.encode()).public_bytes(serialization.Encoding.DER)
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    assert header == {"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint}


def test_a_key_whose_line_breaks_were_escaped_by_an_editor_works() -> None:
    verified(made(private_key=pem(rsa_key()).replace("\n", "\\n")), rsa_key().public_key())


def test_a_key_of_kms_signs_there_and_its_public_key_verifies() -> None:
    with mock_aws():
        kms = boto3.client("kms", region_name="eu-west-1")
        arn = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")["KeyMetadata"]["Arn"]
        public_key = serialization.load_der_public_key(kms.get_public_key(KeyId=arn)["PublicKey"])
        assertions = ClientAssertions(lambda: NOW, kms_sign(kms))
        assertion = assertions.make(credential(private_key_kms_key_id=arn), AUDIENCE).reveal()
    # KMS takes a salt of 32 bytes, as PS256 wants it; moto takes the longest one.
    header, claims = verified(assertion, public_key, padding.PSS.AUTO)
    assert (header["alg"], claims["aud"]) == ("PS256", AUDIENCE)


def broken(text: str) -> str:
    """Return a key with a canary in the place of a part."""
    lines = text.splitlines()
    return "\n".join([lines[0], CANARY, *lines[2:]])


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        pytest.param(lambda: {"private_key": CANARY}, "private_key is no private key in PEM", id="some text"),
        pytest.param(
            lambda: {"private_key": broken(pem(rsa_key()))}, "private_key is no private key", id="a broken one"
        ),
        pytest.param(
            lambda: {"private_key": certificate(rsa_key())}, "private_key is no private key", id="a certificate"
        ),
        pytest.param(
            lambda: {"private_key": pem(rsa_key(), CANARY.encode())}, "private_key is encrypted", id="with a passphrase"
        ),
        pytest.param(
            lambda: {"private_key": pem(ec.generate_private_key(ec.SECP256R1()))},
            "private_key must be an RSA key",
            id="of an elliptic curve",
        ),
        pytest.param(lambda: {"private_key": pem(rsa_key(1024))}, "private_key must be an RSA key", id="too short"),
        pytest.param(
            lambda: {"private_key": pem(rsa_key()), "certificate": CANARY},
            "certificate is no certificate in PEM",
            id="no certificate",
        ),
        pytest.param(
            lambda: {"private_key": pem(rsa_key()), "certificate": certificate(another_key())},
            "certificate is of another key",
            id="a certificate of another key",
        ),
        pytest.param(
            lambda: {"private_key_kms_key_id": "alias/acme"}, "private_key_kms_key_id cannot be used", id="without KMS"
        ),
    ],
)
def test_a_key_that_cannot_be_used_is_named_with_nothing_of_its_value(
    keys: Callable[[], dict[str, str]], problem: str
) -> None:
    given = keys()
    with pytest.raises(MalformedCredentialError) as caught:
        made(**given)
    said = f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
    assert problem in said
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert CANARY not in said
    assert not any(line in said for text in given.values() for line in text.splitlines() if len(line) > 20)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        pytest.param({"certificate": f"a\n-----BEGIN PRIVATE KEY-----\n{CANARY}"}, "certificate has a private key",
            id="a private key in the certificate, which is shown"),
        pytest.param({"private_key": ["a"]}, "private_key must be a text", id="a list"),
        pytest.param({"private_key": " "}, "private_key is empty", id="an empty text"),
        pytest.param({"private_key_kms_key_id": f"{CANARY} x"}, "private_key_kms_key_id must be", id="no id of a key"),
    ],
)  # fmt: skip
def test_a_document_with_an_impossible_key_is_malformed(keys: dict[str, Any], problem: str) -> None:
    with pytest.raises(MalformedCredentialError) as caught:
        credential(**keys)
    assert problem in str(caught.value)
    assert CANARY not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize("name", ACCEPTING)
def test_each_entry_that_takes_an_assertion_gets_one_and_no_client_secret(name: str) -> None:
    held = credential(private_key=pem(rsa_key()), client_secret=CANARY)
    proof = client_proof(builtin(name), held, AUDIENCE, ClientAssertions(lambda: NOW))
    assert proof.form.keys() == {"client_id", "client_assertion_type", "client_assertion"}
    assert proof.form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert proof.headers == {}
    assert proof.form["client_assertion"] not in f"{proof} {proof!r}"


@pytest.mark.parametrize(
    ("name", "keys", "problem"),
    [
        pytest.param("google", {"private_key": CANARY}, "private_key is not accepted by Google", id="not at Google"),
        pytest.param(
            "google", {"private_key_kms_key_id": "alias/a"}, "private_key_kms_key_id is not accepted", id="KMS"
        ),
        pytest.param(
            "oauth2",
            {"private_key": CANARY, "private_key_kms_key_id": "alias/a"},
            "private_key_kms_key_id stands beside private_key",
            id="two keys",
        ),
    ],
)
def test_a_key_that_the_provider_does_not_take_is_the_operators(name: str, keys: dict[str, str], problem: str) -> None:
    with pytest.raises(MalformedCredentialError) as caught:
        client_proof(builtin(name), credential(**keys), AUDIENCE, ClientAssertions(lambda: NOW))
    assert str(caught.value).startswith(problem)


def test_the_token_endpoint_gets_an_assertion_for_its_own_address_and_a_new_one_for_each_request() -> None:
    signed: list[bytes] = []

    def sign(_key: str, text: bytes) -> bytes:
        signed.append(text)
        return b"signature"

    endpoint = TokenEndpoint(HttpClient(), builtin("microsoft-entra"), lambda: NOW, sign)
    held = credential(private_key_kms_key_id="alias/acme")
    with responses.RequestsMock() as mock:
        mock.post(AUDIENCE, json={"access_token": "a", "refresh_token": "b", "expires_in": 3600})
        endpoint.prepare(held)
        assert len(signed) == 1
        for _ in range(2):
            endpoint.refresh(held, Sensitive("planted"))
        sent = [parse_qs(str(call.request.body)) for call in mock.calls]
    assertions = [one["client_assertion"][0] for one in sent]
    assert (len(signed), len(set(assertions))) == (2, 2)
    assert part(assertions[0].split(".")[1])["aud"] == AUDIENCE


def test_what_was_prepared_for_one_credential_is_not_sent_for_another() -> None:
    endpoint = TokenEndpoint(HttpClient(), builtin("microsoft-entra"), lambda: NOW)
    one, other = credential(client_secret="secret-1"), credential(client_secret="secret-2")
    with responses.RequestsMock() as mock:
        mock.post(AUDIENCE, json={"access_token": "a", "refresh_token": "b", "expires_in": 3600})
        endpoint.prepare(one)
        endpoint.refresh(other, Sensitive("planted"))
        assert parse_qs(str(mock.calls[0].request.body))["client_secret"] == ["secret-2"]


def test_an_own_entry_may_take_an_assertion() -> None:
    known = builtin("oauth2")
    own = replace(known, token=replace(known.token, auth_methods=(AuthMethod.PRIVATE_KEY_JWT,)))
    proof = client_proof(own, credential(private_key=pem(rsa_key())), AUDIENCE, ClientAssertions(lambda: NOW))
    verified(proof.form["client_assertion"], rsa_key().public_key())
