"""AWS Secrets Manager as the store of the keys that sign connect links."""

from typing import TYPE_CHECKING

from token_refresher.aws.errors import all_translated

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_SERVICE = "secretsmanager"


def read_signing_secret(client: "SecretsManagerClient", arn: str) -> str:
    """Return the JSON document with the keys (`parse_signing_keys` reads it).

    Raises:
        ServiceUnavailableError: Secrets Manager did not return the document.
    """
    with all_translated(_SERVICE):
        return client.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")["SecretString"]
