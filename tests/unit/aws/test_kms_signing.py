"""AWS KMS as the place of a private key: what its refusals mean."""

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from token_refresher.aws.kms_signing import kms_sign
from token_refresher.base.errors import MalformedCredentialError, ServiceUnavailableError
from token_refresher.diagnosis.aws_refusal import missing_right


def refused(code: str) -> Exception:
    client = boto3.client("kms", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing")
    with Stubber(client) as stub:
        stub.add_client_error("sign", code, service_message="canary", http_status_code=400)
        with pytest.raises((MalformedCredentialError, ServiceUnavailableError)) as caught:
            kms_sign(client)("alias/acme", b"digest")
    return caught.value


@pytest.mark.parametrize(
    "code",
    [
        "NotFoundException",
        "DisabledException",
        "KMSInvalidStateException",
        "InvalidKeyUsageException",
        "ValidationException",
    ],
)
def test_a_key_that_cannot_sign_is_the_operators(code: str) -> None:
    error = refused(code)
    assert isinstance(error, MalformedCredentialError)
    assert (error.field, "canary" in str(error)) == ("private_key_kms_key_id", False)


def test_a_right_that_is_missing_is_named() -> None:
    error = refused("AccessDeniedException")
    assert isinstance(error, ServiceUnavailableError)
    assert (missing_right(error), error.passing) == ("kms:Sign", False)


def test_throttling_passes() -> None:
    error = refused("ThrottlingException")
    assert isinstance(error, ServiceUnavailableError)
    assert error.passing


def test_an_outage_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    client = boto3.client("kms", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing")

    def down(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://kms.example.com")

    monkeypatch.setattr(client, "sign", down)
    with pytest.raises(ServiceUnavailableError):
        kms_sign(client)("alias/acme", b"digest")
