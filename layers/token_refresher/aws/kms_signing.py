"""AWS KMS as the place of a private key that never leaves it: it signs client assertions there."""

from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import ClientError

from token_refresher.aws.errors import translated, unavailable
from token_refresher.base.errors import MalformedCredentialError

if TYPE_CHECKING:
    from token_refresher.providers.client_assertion import KmsSign

_OF_THE_KEY: Final = {
    "NotFoundException": "names no key of KMS",
    "DisabledException": "names a key that is disabled",
    "KMSInvalidStateException": "names a key that is to be deleted, or is not ready",
    "InvalidKeyUsageException": "names a key that does not sign with RSA; its usage must be SIGN_VERIFY",
    "ValidationException": "names a key that does not sign with RSA; its usage must be SIGN_VERIFY",
}
"""What a refusal says about the key. Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html"""


class KmsClient(Protocol):
    """The part of the client of KMS that is used here."""

    def sign(self, **arguments: Any) -> Any:
        """Sign a message."""
        ...


def kms_sign(client: KmsClient) -> "KmsSign":
    """Return a function that signs a text with PS256 (`KmsSign`)."""

    def sign(key_id: str, signed: bytes) -> bytes:
        try:
            with translated("kms"):
                answer = client.sign(
                    KeyId=key_id, Message=signed, MessageType="RAW", SigningAlgorithm="RSASSA_PSS_SHA_256"
                )
                signature: bytes = answer["Signature"]
                return signature
        except ClientError as error:
            problem = _OF_THE_KEY.get(error.response["Error"]["Code"])
            if problem is None:
                raise unavailable("kms", error) from error
            raise MalformedCredentialError("private_key_kms_key_id", problem) from None

    return sign
