"""AWS's template of a rotation function for one secret, filled in for OAuth: what it takes to do the same job with it.

Source: ``SecretsManagerRotationTemplate/lambda_function.py`` of aws-samples/aws-secrets-manager-rotation-lambdas. The
calls to AWS are the template's, in its order; `create_secret` takes the token call in the place of the random password,
and `test_secret` reads what it would test. AWS invokes the function once for each step.
"""

import json
from collections.abc import Callable
from typing import Any, Final

STEPS: Final = ("createSecret", "setSecret", "testSecret", "finishSecret")


def handler(client: Any, arn: str, token: str, step: str, exchange: Callable[[str], dict[str, Any]]) -> None:
    """Run one step.

    Args:
        client: The client of Secrets Manager.
        arn: The secret.
        token: The version that the rotation makes.
        step: The name of the step.
        exchange: Exchanges a refresh token for the members of the next document.
    """
    client.describe_secret(SecretId=arn)  # Is rotation enabled, and what is the version labelled?
    match step:
        case "createSecret":
            current = json.loads(client.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")["SecretString"])
            try:
                client.get_secret_value(SecretId=arn, VersionId=token, VersionStage="AWSPENDING")
            except client.exceptions.ResourceNotFoundException:
                document = json.dumps({**current, **exchange(current["refresh_token"])})
                client.put_secret_value(
                    SecretId=arn, ClientRequestToken=token, SecretString=document, VersionStages=["AWSPENDING"]
                )
        case "setSecret":
            pass  # The provider knows the token already.
        case "testSecret":
            client.get_secret_value(SecretId=arn, VersionId=token, VersionStage="AWSPENDING")
        case "finishSecret":
            versions = client.describe_secret(SecretId=arn)["VersionIdsToStages"]
            current_version = next(version for version, stages in versions.items() if "AWSCURRENT" in stages)
            client.update_secret_version_stage(
                SecretId=arn,
                VersionStage="AWSCURRENT",
                MoveToVersionId=token,
                RemoveFromVersionId=current_version,
            )
