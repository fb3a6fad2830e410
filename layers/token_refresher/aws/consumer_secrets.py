"""AWS Secrets Manager as the store of the secrets that consumers read."""

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from token_refresher.aws.errors import translated, unavailable
from token_refresher.base.errors import MalformedCredentialError, SuccessorExistsError, VersionNotFoundError
from token_refresher.rotation.secret_store import CurrentVersion

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_CURRENT: Final = "AWSCURRENT"
_SERVICE: Final = "secretsmanager"
_RECOVERY_DAYS: Final = 7
"""The least that AWS allows: so long a secret can be brought back that was removed with its credential."""

DESCRIPTION: Final = "Published by Token Refresher: the access token of a credential, without its refresh token."


class SecretsManagerConsumerSecrets:
    """The secrets that consumers read, by their whole names.

    Args:
        client: The client.
        kms_key_arn: The key that encrypts new secrets; empty for the key of AWS.
    """

    def __init__(self, client: "SecretsManagerClient", kms_key_arn: str) -> None:
        self._client = client
        self._kms_key_arn = kms_key_arn

    def current(self, secret: str) -> CurrentVersion:
        """See `ConsumerSecrets.current`."""
        answer = self._call(self._client.get_secret_value, secret, VersionStage=_CURRENT)
        if "SecretString" not in answer:
            raise MalformedCredentialError(None, "the secret is binary, and must be a JSON text")
        return CurrentVersion(answer["ARN"], answer["VersionId"], answer["SecretString"])

    def create(self, secret: str, version_id: str, document: str) -> None:
        """See `ConsumerSecrets.create`.

        Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
        """
        key = {"KmsKeyId": self._kms_key_arn} if self._kms_key_arn else {}
        try:
            with translated(_SERVICE):
                self._client.create_secret(
                    Name=secret,
                    ClientRequestToken=version_id,
                    SecretString=document,
                    Description=DESCRIPTION,
                    **key,  # type: ignore[arg-type]
                )
        except ClientError as error:
            if not _is_deleted(error) and error.response["Error"]["Code"] != "ResourceExistsException":
                raise unavailable(_SERVICE, error) from error
            # It may be scheduled for deletion, because the credential did not publish for a while.
            self._call(self._client.restore_secret, secret)
            raise SuccessorExistsError(version_id) from error

    def put(self, secret: str, version_id: str, document: str) -> None:
        """See `ConsumerSecrets.put`.

        Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        """
        self._call(
            self._client.put_secret_value,
            secret,
            ClientRequestToken=version_id,
            SecretString=document,
            VersionStages=[_CURRENT],
        )

    def delete(self, secret: str) -> None:
        """See `ConsumerSecrets.delete`."""
        try:
            self._call(self._client.delete_secret, secret, RecoveryWindowInDays=_RECOVERY_DAYS)
        except VersionNotFoundError:
            return

    def _call(self, operation: Any, secret: str, **arguments: Any) -> Any:
        try:
            with translated(_SERVICE):
                return operation(SecretId=secret, **arguments)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ResourceNotFoundException" or _is_deleted(error):
                raise VersionNotFoundError(secret) from error
            if code == "ResourceExistsException":
                raise SuccessorExistsError(arguments.get("ClientRequestToken", secret)) from error
            raise unavailable(_SERVICE, error) from error


def _is_deleted(error: ClientError) -> bool:
    """Tell whether a secret is scheduled for deletion: then no other call takes it."""
    answer = error.response["Error"]
    return answer["Code"] == "InvalidRequestException" and "delet" in answer.get("Message", "").lower()
