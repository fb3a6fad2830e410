"""Documents in batches: the answers of ``BatchGetSecretValue`` that moto does not give, and what is held at a time."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber

from tests.cli.desk import CLIENT_ID, Desk
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher_cli.installation.current_document import CurrentDocument
from token_refresher_cli.installation.documents import AT_ONCE, BATCH, HELD, Documents

VERSION = "00000000-0000-4000-8000-000000000001"
NAMES = ("a", "b", "c")
TEXT = json.dumps({"client_id": CLIENT_ID})


@pytest.fixture
def stub(desk: Desk) -> Iterator[Stubber]:
    """AWS, which gives the answers that a test puts there, in their order, and no others."""
    with Stubber(desk.installation.secrets_client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def ids(desk: Desk, *names: str) -> dict[str, list[str]]:
    return {"SecretIdList": [desk.installation.secret_id(name) for name in names]}


def value(desk: Desk, name: str, **held: Any) -> dict[str, Any]:
    secret_id = desk.installation.secret_id(name)
    arn = f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{secret_id}-AbCdEf"
    return {"ARN": arn, "Name": secret_id, "VersionId": VERSION, **(held or {"SecretString": TEXT})}


def error(desk: Desk, name: str, code: str) -> dict[str, str]:
    return {"SecretId": desk.installation.secret_id(name), "ErrorCode": code, "Message": f"no {name}"}


def read(desk: Desk, *names: str, tolerant: bool = False) -> dict[str, CurrentDocument | None]:
    return dict(Documents(desk.installation.secrets, is_tolerant=tolerant).named(names))


def code_of(current: CurrentDocument | None) -> str:
    assert current is not None
    return current.refusal_code


@pytest.mark.parametrize("code", ["AccessDeniedException", "DecryptionFailure"])
def test_one_that_may_not_be_read_hides_no_other_and_costs_no_call_of_its_own(
    desk: Desk, stub: Stubber, code: str
) -> None:
    answer = {"SecretValues": [value(desk, "a"), value(desk, "c")], "Errors": [error(desk, "b", code)]}
    stub.add_response("batch_get_secret_value", answer, ids(desk, *NAMES))
    found = read(desk, *NAMES)
    assert [code_of(found[name]) for name in NAMES] == ["", code, ""]
    stub.add_client_error("get_secret_value", code, "no b")
    assert code_of(desk.installation.secrets.current("b")) == code, "It says the same as the call for one secret."


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "InvalidRequestException"])
def test_one_that_is_deleted_meanwhile_is_gone(desk: Desk, stub: Stubber, code: str) -> None:
    answer = {"SecretValues": [value(desk, "a")], "Errors": [error(desk, "b", code)]}
    stub.add_response("batch_get_secret_value", answer, ids(desk, "a", "b"))
    assert read(desk, "a", "b")["b"] is None


def test_a_binary_secret_in_a_batch_is_malformed(desk: Desk, stub: Stubber) -> None:
    answer = {"SecretValues": [value(desk, "a", SecretBinary=b"planted")]}
    stub.add_response("batch_get_secret_value", answer, ids(desk, "a"))
    current = read(desk, "a")["a"]
    assert current is not None
    assert str(current.problem) == "the secret is binary, and must be a JSON text"


def test_values_that_are_too_long_for_one_answer_come_in_the_next(desk: Desk, stub: Stubber) -> None:
    first = {"SecretValues": [value(desk, "a")], "NextToken": "more"}
    stub.add_response("batch_get_secret_value", first, ids(desk, "a", "b"))
    stub.add_response(
        "batch_get_secret_value", {"SecretValues": [value(desk, "b")]}, {**ids(desk, "a", "b"), "NextToken": "more"}
    )
    assert all(one and one.credential for one in read(desk, "a", "b").values())


@pytest.mark.parametrize(
    "errors",
    [
        pytest.param([], id="one that the answer leaves out"),
        pytest.param(["InternalServiceError"], id="one that AWS fails to read this time"),
    ],
)
def test_what_an_answer_does_not_settle_is_asked_alone(desk: Desk, stub: Stubber, errors: list[str]) -> None:
    answer = {"SecretValues": [value(desk, "a")], "Errors": [error(desk, "b", code) for code in errors]}
    stub.add_response("batch_get_secret_value", answer, ids(desk, "a", "b"))
    stub.add_response("get_secret_value", value(desk, "b"))
    current = read(desk, "a", "b")["b"]
    assert current is not None
    assert current.credential is not None


def test_one_secret_that_breaks_a_whole_answer_does_not_hide_the_others(desk: Desk, stub: Stubber) -> None:
    stub.add_client_error("batch_get_secret_value", "ResourceNotFoundException", "no value")
    stub.add_response("get_secret_value", value(desk, "a"))
    stub.add_client_error("get_secret_value", "ResourceNotFoundException", "no value")
    found = read(desk, "a", "b")
    assert (found["a"] is None, found["b"]) == (False, None)


def test_without_the_right_to_the_call_no_secret_is_asked_for_alone(desk: Desk, stub: Stubber) -> None:
    stub.add_client_error("batch_get_secret_value", "AccessDeniedException", "no right")
    found = read(desk, *NAMES)
    assert {code_of(current) for current in found.values()} == {"AccessDeniedException"}
    refusals = {current.refusal.call for current in found.values() if current and current.refusal}
    assert refusals == {"secretsmanager.BatchGetSecretValue"}, "What is missing is the right to this call."


@pytest.mark.parametrize("tolerant", [False, True])
def test_an_outage_ends_what_needs_every_document_and_not_what_tolerates_one(
    desk: Desk, stub: Stubber, tolerant: bool
) -> None:
    stub.add_client_error("batch_get_secret_value", "InternalServiceError", "down", http_status_code=500)
    if not tolerant:
        with pytest.raises(ServiceUnavailableError):
            read(desk, *NAMES)
        return
    assert {code_of(current) for current in read(desk, *NAMES, tolerant=True).values()} == {"InternalServiceError"}


def test_one_that_fails_alone_hides_no_other_where_that_is_tolerated(desk: Desk, stub: Stubber) -> None:
    stub.add_response("batch_get_secret_value", {"SecretValues": [value(desk, "a")]}, ids(desk, "a", "b"))
    stub.add_client_error("get_secret_value", "InternalServiceError", "down", http_status_code=500)
    found = read(desk, "a", "b", tolerant=True)
    assert [code_of(found[name]) for name in ("a", "b")] == ["", "InternalServiceError"]


def test_a_secret_without_a_value_is_not_asked_for(desk: Desk, stub: Stubber) -> None:
    [(_, current)] = Documents(desk.installation.secrets).of([_Described("empty", None)])
    assert str(current.problem if current else "") == "the secret has no value yet"


def test_only_a_few_batches_are_read_ahead_of_who_takes_them(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def currents(self: object, names: list[str]) -> dict[str, CurrentDocument]:
        asked.append(len(names))
        return dict.fromkeys(names, CurrentDocument.empty())

    monkeypatch.setattr("token_refresher_cli.installation.secret.Secrets.currents", currents)
    found = Documents(desk.installation.secrets).named(str(number) for number in range(20 * HELD))
    for taken in range(1, 4 * BATCH):
        next(found)
        assert sum(asked) <= taken + HELD + BATCH
    found.close()  # type: ignore[attr-defined] # It is a generator.
    assert max(asked) == BATCH
    assert HELD == 2 * AT_ONCE * BATCH


class _Described:
    """A secret of a list."""

    def __init__(self, name: str, current: str | None) -> None:
        self.name, self.current = name, current
