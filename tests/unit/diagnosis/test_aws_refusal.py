"""The missing permission follows from the operation and the error code only."""

import pytest
from botocore.exceptions import ClientError

from token_refresher.aws.errors import unavailable
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.diagnosis.aws_refusal import (
    CALL_REFUSED,
    RIGHT_MISSING,
    TAGS_REFUSED,
    diagnose_refusal,
    diagnose_tags,
)
from token_refresher.diagnosis.diagnosis import Actor


def refused(service: str, operation: str, code: str) -> ServiceUnavailableError:
    """Return the error of an adapter for an answer whose message quotes a name and an ARN."""
    answer = {"Error": {"Code": code, "Message": "canary-e3d8"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return unavailable(service, ClientError(answer, operation))  # type: ignore[arg-type] # The adapter reads no other members.


@pytest.mark.parametrize(
    ("service", "operation", "code", "right"),
    [
        ("secretsmanager", "DescribeSecret", "AccessDeniedException", "secretsmanager:DescribeSecret"),
        ("secretsmanager", "GetSecretValue", "AccessDeniedException", "secretsmanager:GetSecretValue"),
        ("secretsmanager", "PutSecretValue", "AccessDeniedException", "secretsmanager:PutSecretValue"),
        ("secretsmanager", "TagResource", "AccessDeniedException", "secretsmanager:TagResource"),
        (
            "secretsmanager",
            "UpdateSecretVersionStage",
            "AccessDeniedException",
            "secretsmanager:UpdateSecretVersionStage",
        ),
        ("secretsmanager", "GetSecretValue", "DecryptionFailure", "kms:Decrypt"),
        ("secretsmanager", "PutSecretValue", "EncryptionFailure", "kms:GenerateDataKey"),
        ("ssm", "GetParameter", "AccessDeniedException", "ssm:GetParameter"),
        ("ssm", "PutParameter", "AccessDeniedException", "ssm:PutParameter"),
    ],
)
def test_a_refusal_names_the_missing_action(service: str, operation: str, code: str, right: str) -> None:
    diagnosis = diagnose_refusal(refused(service, operation, code))
    assert (diagnosis.code, diagnosis.actor, diagnosis.meaning) == (right, Actor.OPERATOR, RIGHT_MISSING)
    assert right in diagnosis.cause
    assert right in diagnosis.action
    assert "canary" not in f"{diagnosis}"


@pytest.mark.parametrize(
    ("operation", "key"), [("GetSecretValue", "kms:Decrypt"), ("PutSecretValue", "kms:GenerateDataKey and kms:Decrypt")]
)
def test_a_refusal_also_names_the_action_on_the_key(operation: str, key: str) -> None:
    assert key in diagnose_refusal(refused("secretsmanager", operation, "AccessDeniedException")).cause


@pytest.mark.parametrize("code", ["ValidationException", "InvalidRequestException", "InvalidParameterException"])
def test_another_refusal_names_the_call_and_the_code(code: str) -> None:
    diagnosis = diagnose_refusal(refused("secretsmanager", "DescribeSecret", code))
    assert (diagnosis.code, diagnosis.actor, diagnosis.meaning) == (code, Actor.OPERATOR, CALL_REFUSED)
    assert f"secretsmanager.DescribeSecret: {code}" in diagnosis.cause


def test_a_refusal_is_not_certain_because_a_new_permission_may_not_work_yet() -> None:
    assert not diagnose_refusal(refused("secretsmanager", "DescribeSecret", "AccessDeniedException")).certain


def test_a_refusal_to_set_the_status_tags_has_its_own_meaning() -> None:
    diagnosis = diagnose_tags(refused("secretsmanager", "TagResource", "AccessDeniedException"))
    assert (diagnosis.code, diagnosis.meaning) == ("secretsmanager:TagResource", TAGS_REFUSED)
    assert "secretsmanager:TagResource" in diagnosis.action
