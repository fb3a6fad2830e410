"""What is current of a credential, as far as it can be read: the text, and what it says."""

from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from token_refresher.credential import Credential
from token_refresher.errors import MalformedCredentialError
from token_refresher.sensitive import Sensitive
from token_refresher_cli.errors import is_refused
from token_refresher_cli.installation import Installation

_GONE: Final = frozenset({"ResourceNotFoundException", "InvalidRequestException"})
"""Deleted, or scheduled for it."""

_UNDECIPHERABLE: Final = frozenset({"DecryptionFailure"})
"""The KMS key does not give it away, whoever asks."""


@dataclass(frozen=True)
class CurrentDocument:
    """The document under ``AWSCURRENT``.

    Attributes:
        version_id: Of the version that was read; ``None`` where none was.
        text: As it is stored; ``None`` where it could not be read, or is binary.
        credential: What it says; ``None`` where that is not known.
        problem: Why it is no credential document.
        refusal: The code with which AWS keeps it from the operator; empty where it does not.
    """

    version_id: str | None = None
    text: Sensitive | None = None
    credential: Credential | None = None
    problem: MalformedCredentialError | None = None
    refusal: str = ""

    @classmethod
    def of(cls, version_id: str, text: str) -> "CurrentDocument":
        """Return what a text says."""
        try:
            return cls(version_id, Sensitive(text), Credential.parse(text))
        except MalformedCredentialError as error:
            return cls(version_id, Sensitive(text), problem=error)

    @classmethod
    def empty(cls) -> "CurrentDocument":
        """Return what there is of a secret that was never given a value."""
        return cls(problem=MalformedCredentialError(None, "the secret has no value yet"))

    @property
    def is_readable(self) -> bool:
        """Whether the operator may read it."""
        return not self.refusal


def read_current(installation: Installation, name: str) -> CurrentDocument | None:
    """Read what is current of a credential; ``None`` where its secret is gone.

    Raises:
        ClientError: AWS did not answer, for another reason than that the operator may not read it.
    """
    try:
        answer = installation.secrets.get_secret_value(SecretId=installation.secret_id(name), VersionStage="AWSCURRENT")
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if is_refused(error) or code in _UNDECIPHERABLE:
            return CurrentDocument(refusal=code)
        if code in _GONE:
            return None
        raise
    text: str | None = answer.get("SecretString")  # Its type says that it is always there.
    if text is None:
        binary = MalformedCredentialError(None, "the secret is binary, and must be a JSON text")
        return CurrentDocument(answer["VersionId"], problem=binary)
    return CurrentDocument.of(answer["VersionId"], text)
