"""An outage of the provider, on the deployed stack: after five failures the workers make few calls."""

import pytest

from local.soak.credentials import Fleet
from token_refresher.refresh.circuit import PROBES, PROBES_FOR_FAILING, THRESHOLD

WAITING = 3
"""How many credentials there are beside those that open the circuit and those that it lets through."""


@pytest.fixture(scope="module")
def attempted(fleet: Fleet) -> list[tuple[str, int]]:
    """Let the provider fail for all credentials, and attempt one after the other; return each meaning and its calls."""
    credentials = [
        fleet.put(f"outage-{number}", rotation="strict")
        for number in range(THRESHOLD + PROBES - PROBES_FOR_FAILING + WAITING)
    ]
    for credential in credentials:
        fleet.stack.identity_provider.fault(credential.client_id, "server_error", times=1)
        fleet.deliver(credential)
    seen = [
        (fleet.entry(credential)["diagnosis"]["meaning"], fleet.outcomes(credential).count("server_error"))
        for credential in credentials
    ]
    dynamodb = fleet.stack.aws.client("dynamodb")
    [table] = [name for name in dynamodb.list_tables()["TableNames"] if "Incidents" in name]
    circuit = f"circuit#{fleet.stack.parameters['AuthorityUrl']}"
    dynamodb.delete_item(TableName=table, Key={"id": {"S": circuit}})
    return seen


def test_the_provider_is_called_for_those_that_open_the_circuit_and_for_a_few_probes(
    attempted: list[tuple[str, int]],
) -> None:
    assert attempted[:-WAITING] == [("server_error", 1)] * (len(attempted) - WAITING)


def test_the_others_wait_without_a_call(attempted: list[tuple[str, int]]) -> None:
    assert attempted[-WAITING:] == [("held_back", 0)] * WAITING
