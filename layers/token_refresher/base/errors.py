"""The errors of the package, ordered by who has to act.

An error carries data and no payload: its message may name a field, a credential, a status or a code, and never contains
a token, a secret or the body of a provider's answer.
"""

from dataclasses import dataclass
from typing import Final

from token_refresher.base.failure import ProviderFailure


class TokenRefresherError(Exception):
    """The base class of every error that the package raises on purpose."""


# --- The administrator of the stack has to act ---------------------------------------------------------------


class ConfigurationError(TokenRefresherError):
    """The settings or the timing of the stack cannot work. The message shows the arithmetic."""


# --- The operator of a credential has to act -----------------------------------------------------------------


@dataclass(eq=False)
class MalformedCredentialError(TokenRefresherError):
    """A secret under the prefix is not a valid credential document.

    Attributes:
        field: The key that is wrong, or ``None`` if the document as a whole is wrong.
        problem: What is wrong, as the rest of a sentence that starts with the field.
        provider: The provider that the document names; empty if that cannot be read.
    """

    field: str | None
    problem: str
    provider: str = ""

    def __str__(self) -> str:
        """Return one sentence that starts with the field."""
        return f"{self.field} {self.problem}" if self.field else self.problem


@dataclass(eq=False)
class PublicationRefusedError(TokenRefresherError):
    """A credential may not publish to the secret that its document names. Nothing was written.

    Attributes:
        secret: The whole name of the secret.
        problem: What is wrong, as the rest of a sentence that starts with the secret.
    """

    secret: str
    problem: str

    def __str__(self) -> str:
        """Return one sentence that starts with the secret."""
        return f"{self.secret} {self.problem}"


# --- Nobody has to act: the next attempt handles it ----------------------------------------------------------


@dataclass(eq=False)
class ProviderError(TokenRefresherError):
    """A call to the token endpoint or the Ads API failed. The diagnosis of the failure says who has to act."""

    failure: ProviderFailure

    def __str__(self) -> str:
        """Return the codes of the answer, and nothing else of it."""
        return str(self.failure)


class MalformedMessageError(TokenRefresherError):
    """Dispatch does not send such a message. The queue moves it to the dead-letter queue."""


class NotEnoughTimeError(TokenRefresherError):
    """The invocation has too little time left to finish another exchange."""


class OvertakenError(TokenRefresherError):
    """Another process wrote the secret first. Storing the grant can be retried on top of its version."""


@dataclass(eq=False)
class GrantKeptError(TokenRefresherError):
    """A grant is stored, but not yet in the current version. The next attempt promotes it.

    Attributes:
        credential: The credential's name.
        where: Where the grant is stored.
    """

    credential: str
    where: str

    def __str__(self) -> str:
        """Return one sentence that says where the tokens are."""
        return f"the new tokens of {self.credential} are in {self.where}, and could not be made current yet"


@dataclass(eq=False)
class ServiceUnavailableError(TokenRefresherError):
    """A call to AWS failed, or its answer did not arrive.

    Attributes:
        call: The service and the operation, such as ``secretsmanager.PutSecretValue``.
        code: The error code of the service, or the kind of connection failure.
        passing: Whether the same call may succeed a moment later.
    """

    call: str
    code: str
    passing: bool = True

    def __str__(self) -> str:
        """Return the call and the code."""
        return f"{self.call}: {self.code}"


class ContendedError(ServiceUnavailableError):
    """A record was not written: each time, another writer changed it between the read and the write."""

    def __init__(self, key: str) -> None:
        super().__init__(f"write {key}", "contended")


class EnqueueError(TokenRefresherError):
    """SQS did not accept some messages. They stay due, and the next tick sends them again."""


class AlertNotSentError(TokenRefresherError):
    """The alert topic did not accept an alert. The caller must send it again."""


CANNOT_NOTIFY: Final = (AlertNotSentError, ServiceUnavailableError, ConfigurationError)
"""The errors that prevent an alert: of the topic, the incidents table or the signing keys. A later attempt sends it."""


# --- The ports raise these, and the use cases decide ---------------------------------------------------------


class CredentialNotFoundError(TokenRefresherError):
    """There is no secret of that name, or it is scheduled for deletion."""


class VersionNotFoundError(TokenRefresherError):
    """A version of a secret is not visible. Secrets Manager is eventually consistent, so it may appear soon."""


class SuccessorExistsError(TokenRefresherError):
    """A version with this successor id exists already, with other content."""


class PromotionRefusedError(TokenRefresherError):
    """``AWSCURRENT`` is no longer on the version that was to be replaced."""


class StaleObservationError(TokenRefresherError):
    """The registry entry is of another version than the one that was observed."""
