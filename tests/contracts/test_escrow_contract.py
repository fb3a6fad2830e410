"""The escrow in memory and the one in Parameter Store keep the same contract."""

from dataclasses import replace
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.contracts.escrow_contract import NAME, ONE, EscrowContract
from tests.fakes.memory_escrow import MemoryEscrow
from tests.fakes.rotations import a_grant
from token_refresher.escrow import EscrowedGrant
from token_refresher.parameter_store import ParameterStoreEscrow

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PATH = "/token-refresher/escrow/my-stack"
PARAMETER = f"{PATH}/agency.2Fclient-1/attempt-1"


def sized(access_token: int, refresh_token: int = 8) -> EscrowedGrant:
    """Return a grant with tokens of so many characters."""
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
        return ParameterStoreEscrow(client, PATH, "")

    def test_what_is_kept_is_encrypted(self, escrow: ParameterStoreEscrow, client: "SSMClient") -> None:
        escrow.put(ONE)
        parameter = client.get_parameter(Name=PARAMETER)["Parameter"]
        assert parameter["Type"] == "SecureString"
        assert "escrowed" not in parameter["Value"].removeprefix("kms:")[:7]

    @pytest.mark.parametrize(
        ("access_token", "whole"),
        [
            pytest.param(2_000, True, id="what a free parameter holds: whole"),
            pytest.param(5_000, True, id="what an advanced parameter holds: whole"),
            pytest.param(9_000, False, id="more: without its access token"),
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

    def test_a_grant_that_just_fits_is_kept_whole(self, escrow: ParameterStoreEscrow) -> None:
        kept = sized(8192 - len(sized(0).dump()))
        assert len(kept.dump()) == 8192
        escrow.put(kept)
        assert escrow.of(NAME) == [kept]

    def test_a_grant_that_is_a_character_too_long_is_not(self, escrow: ParameterStoreEscrow) -> None:
        kept = sized(8193 - len(sized(0).dump()))
        escrow.put(kept)
        assert escrow.of(NAME) == [kept.without_access_token()]

    @pytest.mark.parametrize(
        "value",
        ["no document", "{}", "[]", "null", '{"arn": "arn:one"}'],
        ids=["a text", "an empty object", "a list", "null", "a part"],
    )
    def test_what_somebody_else_put_there_stays_and_stands_in_nobody_s_way(
        self, escrow: ParameterStoreEscrow, client: "SSMClient", value: str
    ) -> None:
        foreign = f"{PATH}/agency.2Fclient-1/foreign"
        client.put_parameter(Name=foreign, Value=value, Type="String")
        escrow.put(ONE)
        assert escrow.of(NAME) == [ONE]
        escrow.remove(ONE)
        assert client.get_parameter(Name=foreign)["Parameter"]["Value"] == value

    def test_what_lies_beside_the_path_is_nobody_s(self, escrow: ParameterStoreEscrow, client: "SSMClient") -> None:
        for name in (f"{PATH}-2/agency.2Fclient-1/attempt-1", f"{PATH}/loose", "/other/agency.2Fclient-1/attempt-1"):
            client.put_parameter(Name=name, Value=ONE.dump(), Type="String")
        assert (escrow.of(NAME), set(escrow.credentials())) == ([], set())
