"""Parameter Store as the place of a team's own providers."""

from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from token_refresher.aws.provider_entries import own_entries
from token_refresher.base.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PATH = "/acme/providers"


@pytest.fixture
def client() -> "SSMClient":
    return boto3.client("ssm", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing")


def test_an_entry_is_the_parameter_of_its_name_under_the_path() -> None:
    with mock_aws():
        client = boto3.client("ssm", region_name="eu-west-1")
        client.put_parameter(Name=f"{PATH}/acme", Value="title = 'Acme'", Type="String")
        assert own_entries(client, PATH)("acme") == ("title = 'Acme'", f"{PATH}/acme")
        assert own_entries(client, PATH)("another") is None


def test_without_a_path_nothing_is_asked(client: "SSMClient") -> None:
    with Stubber(client):
        assert own_entries(client, "")("acme") is None


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "InternalServerError"])
def test_a_refusal_is_no_missing_entry(client: "SSMClient", code: str) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("get_parameter", code, http_status_code=400)
        with pytest.raises(ServiceUnavailableError, match=f"ssm.GetParameter.*{code}"):
            own_entries(client, PATH)("acme")


def test_an_outage_is_no_missing_entry(client: "SSMClient", monkeypatch: pytest.MonkeyPatch) -> None:
    def down(**_: str) -> None:
        raise EndpointConnectionError(endpoint_url="https://ssm.example.com")

    monkeypatch.setattr(client, "get_parameter", down)
    with pytest.raises(ServiceUnavailableError):
        own_entries(client, PATH)("acme")
