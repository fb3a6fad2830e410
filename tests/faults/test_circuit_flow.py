"""An outage of the provider, against the deployed stack: after five failures few calls are made."""

import pytest

from local.estate import Estate
from token_refresher.circuit import FOR_THE_SICK, PROBES, THRESHOLD

WAITING = 3
"""How many more there are than those that open the circuit and those that it lets through."""


@pytest.fixture(scope="module")
def asked(estate: Estate) -> list[tuple[str, int]]:
    """Let the provider fail for everybody, and look at one credential after the other; return status and calls."""
    held = [
        estate.put(f"outage-{number}", rotation="strict")
        for number in range(THRESHOLD + PROBES - FOR_THE_SICK + WAITING)
    ]
    for holding in held:
        estate.stack.identity_provider.fault(holding.client_id, "server_error", times=1)
        estate.deliver(holding)
    seen = [
        (estate.entry(holding)["diagnosis"]["meaning"], estate.outcomes(holding).count("server_error"))
        for holding in held
    ]
    dynamodb = estate.stack.aws.client("dynamodb")
    [table] = [name for name in dynamodb.list_tables()["TableNames"] if "Incidents" in name]
    circuit = f"circuit#{estate.stack.parameters['AuthorityUrl']}"
    dynamodb.delete_item(TableName=table, Key={"id": {"S": circuit}})
    return seen


def test_those_that_open_the_circuit_and_a_few_probes_are_asked(asked: list[tuple[str, int]]) -> None:
    assert asked[:-WAITING] == [("server_error", 1)] * (len(asked) - WAITING)


def test_the_others_wait_without_a_call(asked: list[tuple[str, int]]) -> None:
    assert asked[-WAITING:] == [("held_back", 0)] * WAITING
