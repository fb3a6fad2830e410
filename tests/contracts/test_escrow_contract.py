"""The escrow in memory and the one in Parameter Store keep the same contract."""

from dataclasses import replace
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.contracts.escrow_contract import NAME, ONE, EscrowContract
from tests.fakes.memory_escrow import MemoryEscrow
from tests.fakes.rotations import a_grant
from token_refresher.aws.parameter_store import ParameterStoreEscrow
from token_refresher.rotation.escrow import EscrowedGrant

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PATH = "/token-refresher/escrow/my-stack"
KEY = "arn:aws:kms:us-east-1:123456789012:key/0000aaaa-22bb-33cc-44dd-555555eeeeee"
PARAMETER = f"{PATH}/agency.2Fclient-1/attempt-1"


def sized(access_token: int, refresh_token: int = 8) -> EscrowedGrant:
    """Return a grant with tokens of these lengths."""
    return replace(ONE, grant=a_grant("r" * refresh_token, access_token="a" * access_token))


class TestMemoryEscrow(EscrowContract):
    @pytest.fixture
    def escrow(self) -> MemoryEscrow:
        return MemoryEscrow()


class TestParameterStoreEscrow(EscrowContract):
    @pytest.fixture
    def client(self, aws: boto3.Session) -> "SSMClient":
        return aws.client("ssm")

    @pytest.fixture
    def escrow(self, client: "SSMClient") -> ParameterStoreEscrow:
        return ParameterStoreEscrow(client, PATH, KEY)

    def test_a_grant_in_escrow_is_encrypted(self, escrow: ParameterStoreEscrow, client: "SSMClient") -> None:
        escrow.put(ONE)
        parameter = client.get_parameter(Name=PARAMETER)["Parameter"]
        assert parameter["Type"] == "SecureString"
        assert "escrowed" not in parameter["Value"].removeprefix("kms:")[:7]

    @pytest.mark.parametrize(
        ("access_token", "whole"),
        [
            pytest.param(2_000, True, id="as long as a free parameter: kept whole"),
            pytest.param(5_000, True, id="as long as an advanced parameter: kept whole"),
            pytest.param(9_000, False, id="longer: kept without its access token"),
        ],
    )
    def test_a_grant_is_kept(
        self, escrow: ParameterStoreEscrow, client: "SSMClient", access_token: int, *, whole: bool
    ) -> None:
        kept = sized(access_token)
        escrow.put(kept)
        value = client.get_parameter(Name=PARAMETER, WithDecryption=True)["Parameter"]["Value"]
        assert len(value) <= 8192
        assert escrow.of(NAME) == [kept if whole else kept.without_access_token()]

    def test_a_grant_of_the_greatest_length_is_kept_whole(self, escrow: ParameterStoreEscrow) -> None:
        kept = sized(8192 - len(sized(0).dump()))
        assert len(kept.dump()) == 8192
        escrow.put(kept)
        assert escrow.of(NAME) == [kept]

    def test_a_grant_that_is_one_character_longer_is_kept_without_its_access_token(
        self, escrow: ParameterStoreEscrow
    ) -> None:
        kept = sized(8193 - len(sized(0).dump()))
        escrow.put(kept)
        assert escrow.of(NAME) == [kept.without_access_token()]

    @pytest.mark.parametrize(
        "value",
        ["no document", "{}", "[]", "null", '{"arn": "arn:one"}'],
        ids=["a text", "an empty object", "a list", "null", "a part"],
    )
    def test_a_parameter_that_is_no_grant_stays_and_stops_nothing(
        self, escrow: ParameterStoreEscrow, client: "SSMClient", value: str
    ) -> None:
        foreign = f"{PATH}/agency.2Fclient-1/foreign"
        client.put_parameter(Name=foreign, Value=value, Type="String")
        escrow.put(ONE)
        assert escrow.of(NAME) == [ONE]
        escrow.remove(ONE)
        assert client.get_parameter(Name=foreign)["Parameter"]["Value"] == value

    def test_a_parameter_outside_of_the_path_is_ignored(
        self, escrow: ParameterStoreEscrow, client: "SSMClient"
    ) -> None:
        for name in (f"{PATH}-2/agency.2Fclient-1/attempt-1", f"{PATH}/loose", "/other/agency.2Fclient-1/attempt-1"):
            client.put_parameter(Name=name, Value=ONE.dump(), Type="String")
        assert (escrow.of(NAME), set(escrow.credentials())) == ([], set())
