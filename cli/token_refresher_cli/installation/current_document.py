"""The document under ``AWSCURRENT`` of a credential, as far as it can be read."""

from dataclasses import dataclass

from token_refresher.base.errors import MalformedCredentialError, ServiceUnavailableError
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential


@dataclass(frozen=True)
class CurrentDocument:
    """The document under ``AWSCURRENT``.

    Attributes:
        version_id: The version that was read; ``None`` if none was.
        text: The stored text; ``None`` if it could not be read, or is binary.
        credential: The parsed document; ``None`` if there is none.
        problem: Why it is no credential document.
        refusal: The error with which AWS kept it from the operator, or ``None``.
    """

    version_id: str | None = None
    text: Sensitive | None = None
    credential: Credential | None = None
    problem: MalformedCredentialError | None = None
    refusal: ServiceUnavailableError | None = None

    @classmethod
    def of(cls, version_id: str, text: str | None) -> "CurrentDocument":
        """Parse what a version holds; ``None`` stands for a binary value."""
        if text is None:
            binary = MalformedCredentialError(None, "the secret is binary, and must be a JSON text")
            return cls(version_id, problem=binary)
        try:
            return cls(version_id, Sensitive(text), Credential.parse(text))
        except MalformedCredentialError as error:
            # Not the error itself: its traceback and its context hold the text.
            problem = MalformedCredentialError(error.field, error.problem)
        return cls(version_id, Sensitive(text), problem=problem)

    @classmethod
    def empty(cls) -> "CurrentDocument":
        """Return the document of a secret that never had a value."""
        return cls(problem=MalformedCredentialError(None, "the secret has no value yet"))

    @classmethod
    def unread(cls, refusal: ServiceUnavailableError) -> "CurrentDocument":
        """Return the document of a secret that AWS did not let the operator read."""
        return cls(refusal=refusal)

    @property
    def is_readable(self) -> bool:
        """Whether AWS lets the operator read it."""
        return self.refusal is None

    @property
    def refusal_code(self) -> str:
        """The error code with which AWS kept it from the operator; empty if it did not."""
        return self.refusal.code if self.refusal else ""
