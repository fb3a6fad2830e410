"""The bench of the command on a small fleet; ``python -m tests.bench.commands`` runs it on larger ones."""

from tests.bench.commands import run


def test_a_list_is_measured_with_its_calls_and_its_first_row() -> None:
    [measured] = run([45], times=1, commands=["list"])
    assert measured.calls == {
        "BatchGetSecretValue": 3,
        "DescribeStacks": 1,
        "GetFunctionConfiguration": 1,
        "ListSecrets": 1,
        "Scan": 1,
    }
    assert measured.first_row_seconds
    assert measured.megabytes > 0
    assert measured.processor_seconds > 0
