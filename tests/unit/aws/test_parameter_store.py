"""Parameter Store as the escrow: the parameters of its calls, and its errors."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from tests.fakes.rotations import IDENTITY, a_grant
from token_refresher.aws.parameter_store import ParameterStoreEscrow
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.rotation.escrow import EscrowedGrant
from token_refresher.rotation.intent import Base

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PATH = "/token-refresher/escrow/my-stack"
KEY = "arn:aws:kms:eu-west-1:000000000000:key/1"
ONE = EscrowedGrant(
    "agency/a+b=c@d.e", "arn:one", "attempt-1", Base("0123456789ab", IDENTITY.consented_at), a_grant("planted-token")
)
FOLDER = f"{PATH}/agency.2Fa.2Bb.3Dc.40d.2Ee"

Call = Callable[[ParameterStoreEscrow], object]
CALLS = [
    pytest.param("put_parameter", lambda escrow: escrow.put(ONE), id="put"),
    pytest.param("delete_parameter", lambda escrow: escrow.remove(ONE), id="remove"),
    pytest.param("describe_parameters", lambda escrow: escrow.of("search-ads"), id="read"),
    pytest.param("describe_parameters", lambda escrow: escrow.credentials(), id="list"),
]


@pytest.fixture
def client() -> "SSMClient":
    return boto3.client("ssm", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture
def escrow(client: "SSMClient") -> ParameterStoreEscrow:
    return ParameterStoreEscrow(client, PATH, KEY)


def put(name: str, **changes: Any) -> dict[str, Any]:
    parameters = {
        "Name": name,
        "Description": "Tokens of Token Refresher that wait for Secrets Manager; the next refresh removes this.",
        "Value": ONE.dump(),
        "Type": "SecureString",
        "KeyId": KEY,
        "Tier": "Intelligent-Tiering",
        "Overwrite": True,
    }
    return parameters | changes


def test_a_grant_is_one_parameter_below_its_credential_under_the_key_of_the_escrow(
    escrow: ParameterStoreEscrow, stub: Stubber
) -> None:
    stub.add_response("put_parameter", {}, put(f"{FOLDER}/attempt-1"))
    escrow.put(ONE)


BELOW = {"ParameterFilters": [{"Key": "Path", "Option": "Recursive", "Values": [FOLDER]}]}
NAMED = {"Name": f"{FOLDER}/attempt-1", "WithDecryption": True}


def test_reading_decrypts_the_parameters_below_the_credential(escrow: ParameterStoreEscrow, stub: Stubber) -> None:
    stub.add_response("describe_parameters", {"Parameters": [{"Name": f"{FOLDER}/attempt-1"}]}, BELOW)
    stub.add_response("get_parameter", {"Parameter": {"Value": ONE.dump()}}, NAMED)
    assert escrow.of(ONE.credential) == [ONE]


def test_a_parameter_that_is_removed_after_it_was_listed_is_passed_over(
    escrow: ParameterStoreEscrow, stub: Stubber
) -> None:
    stub.add_response("describe_parameters", {"Parameters": [{"Name": f"{FOLDER}/attempt-1"}]}, BELOW)
    stub.add_client_error("get_parameter", "ParameterNotFound", expected_params=NAMED)
    assert escrow.of(ONE.credential) == []


def test_a_refused_read_does_not_count_as_an_empty_escrow(escrow: ParameterStoreEscrow, stub: Stubber) -> None:
    stub.add_response("describe_parameters", {"Parameters": [{"Name": f"{FOLDER}/attempt-1"}]}, BELOW)
    stub.add_client_error("get_parameter", "AccessDeniedException", expected_params=NAMED)
    with pytest.raises(ServiceUnavailableError):
        escrow.of(ONE.credential)


def test_listing_the_credentials_reads_every_page_and_no_value(escrow: ParameterStoreEscrow, stub: Stubber) -> None:
    below = {"ParameterFilters": [{"Key": "Path", "Option": "Recursive", "Values": [PATH]}]}
    first = {"Parameters": [{"Name": f"{FOLDER}/attempt-1"}], "NextToken": "more"}
    second = {"Parameters": [{"Name": f"{FOLDER}/attempt-2"}, {"Name": f"{PATH}/search-ads/attempt-3"}]}
    stub.add_response("describe_parameters", first, below)
    stub.add_response("describe_parameters", second, {**below, "NextToken": "more"})
    assert set(escrow.credentials()) == {ONE.credential, "search-ads"}


def test_a_removal_names_the_parameter(escrow: ParameterStoreEscrow, stub: Stubber) -> None:
    stub.add_response("delete_parameter", {}, {"Name": f"{FOLDER}/attempt-1"})
    escrow.remove(ONE)


def test_removing_a_parameter_that_is_gone_raises_nothing(escrow: ParameterStoreEscrow, stub: Stubber) -> None:
    stub.add_client_error("delete_parameter", "ParameterNotFound")
    escrow.remove(ONE)


@pytest.mark.parametrize(("operation", "call"), CALLS)
@pytest.mark.parametrize(
    ("code", "status"),
    [
        pytest.param("ThrottlingException", 400, id="throttled"),
        pytest.param("TooManyUpdates", 400, id="written too often"),
        pytest.param("InternalServerError", 500, id="an internal error"),
    ],
)
def test_an_error_of_the_service_may_pass(
    escrow: ParameterStoreEscrow, stub: Stubber, operation: str, call: Call, code: str, status: int
) -> None:
    stub.add_client_error(operation, code, "planted-words", http_status_code=status)
    with pytest.raises(ServiceUnavailableError) as caught:
        call(escrow)
    assert (caught.value.code, caught.value.passing, "planted" in str(caught.value)) == (code, True, False)


@pytest.mark.parametrize(("operation", "call"), CALLS)
@pytest.mark.parametrize("code", ["AccessDeniedException", "ParameterLimitExceeded", "InvalidKeyId"])
def test_a_refusal_will_not_pass(
    escrow: ParameterStoreEscrow, stub: Stubber, operation: str, call: Call, code: str
) -> None:
    stub.add_client_error(operation, code, "planted-words")
    with pytest.raises(ServiceUnavailableError) as caught:
        call(escrow)
    assert (caught.value.code, caught.value.passing, "planted" in str(caught.value)) == (code, False, False)


@pytest.mark.parametrize(("operation", "call"), CALLS)
def test_an_error_of_the_network_may_pass(
    client: "SSMClient", escrow: ParameterStoreEscrow, monkeypatch: pytest.MonkeyPatch, operation: str, call: Call
) -> None:
    def unreachable(*_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://ssm.example.com")

    monkeypatch.setattr(client, "_make_api_call", unreachable)
    with pytest.raises(ServiceUnavailableError, match="ssm: EndpointConnectionError") as caught:
        call(escrow)
    assert caught.value.passing
