"""The errors of the package, ordered by who has to act.

Every error carries data and never a payload: a message may name a field, a credential, a status or a code, and
never a token, a secret or the body of a provider's answer.
"""

from dataclasses import dataclass
from typing import Final

from token_refresher.failure import ProviderFailure


class TokenRefresherError(Exception):
    """The base of every error raised on purpose."""


# --- Whoever deployed the stack has to act -------------------------------------------------------------------


class ConfigurationError(TokenRefresherError):
    """The settings or the timing of the stack cannot work; the message holds the arithmetic."""


# --- The operator of a credential has to act -----------------------------------------------------------------


@dataclass(eq=False)
class MalformedCredentialError(TokenRefresherError):
    """A secret under the prefix is no credential document.

    Attributes:
        field: The key that is wrong, or ``None`` when the document as a whole is.
        problem: What is wrong with it, as the rest of a sentence that starts with the field.
    """

    field: str | None
    problem: str

    def __str__(self) -> str:
        """One sentence, naming the field first."""
        return f"{self.field} {self.problem}" if self.field else self.problem


# --- Nobody has to act: the next attempt sees to it ----------------------------------------------------------


@dataclass(eq=False)
class ProviderError(TokenRefresherError):
    """The token endpoint or the Ads API did not give what was asked for; the diagnosis says who must act."""

    failure: ProviderFailure

    def __str__(self) -> str:
        """Say which codes came back, and nothing else of the answer."""
        return str(self.failure)


class MalformedMessageError(TokenRefresherError):
    """A message in the refresh queue is not one that dispatch sends; it goes to the dead-letter queue."""


class NotEnoughTimeError(TokenRefresherError):
    """The invocation has too little time left to finish an exchange that it would start."""


class OvertakenError(TokenRefresherError):
    """Others were faster; the grant is to be tried again on top of what they wrote."""


@dataclass(eq=False)
class GrantKeptError(TokenRefresherError):
    """A grant is safe and could not be made current yet; the next attempt does that.

    Attributes:
        credential: The credential's name.
        where: Where the grant is.
    """

    credential: str
    where: str

    def __str__(self) -> str:
        """Say where the tokens are."""
        return f"the new tokens of {self.credential} are in {self.where}, and could not be made current yet"


@dataclass(eq=False)
class ServiceUnavailableError(TokenRefresherError):
    """A service of AWS did not do what was asked, or did it and could not say so.

    Attributes:
        call: The service and the operation, such as ``secretsmanager.PutSecretValue``.
        code: The error code of the service, or the kind of failure of the connection.
        passing: Whether the same call may work a moment later.
    """

    call: str
    code: str
    passing: bool = True

    def __str__(self) -> str:
        """Name the call and the code."""
        return f"{self.call}: {self.code}"


class AlertNotSentError(TokenRefresherError):
    """The alert topic did not take an alert; whoever wanted to send it must do so again."""


CANNOT_TELL: Final = (AlertNotSentError, ServiceUnavailableError, ConfigurationError)
"""What keeps people from being told: the topic, the table of incidents, the key of the links. A later look tells."""


# --- What the ports say; the use cases decide on it ----------------------------------------------------------


class CredentialNotFoundError(TokenRefresherError):
    """There is no secret of that name, or it is scheduled for deletion."""


class VersionNotFoundError(TokenRefresherError):
    """A version of a secret cannot be seen; Secrets Manager is eventually consistent, so it may be there soon."""


class SuccessorExistsError(TokenRefresherError):
    """A version with this successor id exists already, with other content."""


class PromotionRefusedError(TokenRefresherError):
    """``AWSCURRENT`` is no longer on the version that was to be replaced."""


class StaleObservationError(TokenRefresherError):
    """The registry has moved to another version than the one that was observed."""
