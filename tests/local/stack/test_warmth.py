"""The start of execution environments, with a fake Lambda that records its calls."""

import json
from io import BytesIO
from typing import Any

import pytest

from local.stack.warmth import AT_ONCE, wake

OUTPUTS = {"DispatchFunctionName": "dispatch", "RefreshFunctionName": "refresh", "CallbackFunctionName": "callback"}


class FakeLambda:
    """A Lambda whose functions answer, or do not start."""

    def __init__(self, *, starts: bool = True) -> None:
        self.calls: list[tuple[str, Any]] = []
        self._answer = {} if starts else {"FunctionError": "Unhandled"}

    def client(self, service: str) -> "FakeLambda":
        assert service == "lambda"
        return self

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803 - AWS calls them so.
        self.calls.append((FunctionName, json.loads(Payload)))
        return {"Payload": BytesIO(b"no module"), **self._answer}


def test_every_function_is_invoked_once_for_each_execution_environment() -> None:
    aws = FakeLambda()
    wake(aws, OUTPUTS, ["refresh", "callback"], 3)
    assert [name for name, _ in aws.calls] == ["refresh"] * 3 + ["callback"] * 3


def test_each_function_gets_its_own_kind_of_event() -> None:
    aws = FakeLambda()
    wake(aws, OUTPUTS, ["refresh", "callback"], 1)
    [(_, of_refresh), (_, of_callback)] = aws.calls
    assert "Records" in of_refresh
    assert "requestContext" in of_callback


def test_a_function_that_does_not_start_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="refresh does not start"):
        wake(FakeLambda(starts=False), OUTPUTS, ["refresh"], 1)


def test_several_requests_are_served_at_once_on_any_machine() -> None:
    assert 3 <= AT_ONCE <= 12
