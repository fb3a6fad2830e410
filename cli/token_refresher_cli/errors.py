"""What ends a command: a message, the next step, and an exit code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from botocore.exceptions import (
    ConnectionError as AwsConnectionError,
)

from token_refresher.errors import (
    ConfigurationError,
    CredentialNotFoundError,
    MalformedCredentialError,
    PromotionRefusedError,
    ServiceUnavailableError,
    StaleObservationError,
    TokenRefresherError,
    VersionNotFoundError,
)
from token_refresher_cli.exit_code import ExitCode

_SIGN_IN = "Sign in (aws sso login, or aws configure), or choose a profile with --profile."
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException"})
_OUT_OF_TIME = frozenset({"RequestExpired", "RequestTimeTooSkewed"})
_OF_TIME = ("signature expired", "not yet current")
"""What the message says where a signature is refused for its time, whatever the code."""

_UNKNOWN = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch"})
_REFUSED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})


@dataclass(eq=False)
class CommandError(Exception):
    """A command ends here.

    Attributes:
        message: What is wrong, as one or more sentences. It holds no secret.
        next_step: What to do next, as one or more sentences.
        exit_code: What the process ends with.
    """

    message: str
    next_step: str
    exit_code: ExitCode = ExitCode.FAILED

    def __str__(self) -> str:
        """Say what is wrong and what to do next."""
        return f"{self.message} {self.next_step}"


def bad_input(message: str, next_step: str) -> CommandError:
    """Return the error for a value that cannot be right; nothing was written."""
    return CommandError(message, next_step, ExitCode.BAD_INPUT)


def explained(error: Exception) -> CommandError | None:
    """Return what an error from below means to the operator; ``None`` for one that nobody expects."""
    if isinstance(error, CommandError):
        return error
    return next((explain(error) for kind, explain in _EXPLANATIONS.items() if isinstance(error, kind)), None)


def is_refused(error: ClientError) -> bool:
    """Tell whether AWS does not let the operator do what was asked."""
    return error.response.get("Error", {}).get("Code", "") in _REFUSED


def _of_aws(error: ClientError) -> CommandError:
    code = error.response.get("Error", {}).get("Code", "")
    said = error.response.get("Error", {}).get("Message", "") or code
    return _refusal(error.operation_name, code, said)


def _of_service(error: ServiceUnavailableError) -> CommandError:
    cause = error.__cause__
    known = explained(cause) if isinstance(cause, ClientError | BotoCoreError) else None
    return known or _refusal(error.call, error.code, error.code)


def _refusal(call: str, code: str, said: str) -> CommandError:
    if code in _OUT_OF_TIME or any(words in said.lower() for words in _OF_TIME):
        return CommandError(
            f"AWS refuses the time of this request: the clock of this machine is wrong, or it took too long ({code}).",
            "Set the clock, and try again.",
            ExitCode.AWS,
        )
    if code in _EXPIRED:
        return CommandError("The AWS credentials have expired.", _SIGN_IN, ExitCode.AWS)
    if code in _UNKNOWN:
        return CommandError(f"AWS does not know these credentials ({code}).", _SIGN_IN, ExitCode.AWS)
    if code in _REFUSED:
        step = f"Ask for the right to call {call}, or choose another profile with --profile."
        return CommandError(f"AWS does not let you do that: {said}", step, ExitCode.AWS)
    return CommandError(
        f"AWS refused {call}: {said} ({code}).", "Try again; if it stays, see the message.", ExitCode.AWS
    )


def _overtaken(error: TokenRefresherError) -> CommandError:
    return CommandError(f"{error} was written by others at the same time.", "Try again.")


_EXPLANATIONS: Final[dict[type[Exception], Callable[[Any], CommandError]]] = {
    ClientError: _of_aws,
    NoCredentialsError: lambda _: CommandError("There are no AWS credentials.", _SIGN_IN, ExitCode.AWS),
    PartialCredentialsError: lambda _: CommandError("The AWS credentials are not complete.", _SIGN_IN, ExitCode.AWS),
    UnauthorizedSSOTokenError: lambda _: CommandError("The sign-in to AWS has expired.", _SIGN_IN, ExitCode.AWS),
    SSOTokenLoadError: lambda _: CommandError("The sign-in to AWS has expired.", _SIGN_IN, ExitCode.AWS),
    TokenRetrievalError: lambda _: CommandError("The sign-in to AWS has expired.", _SIGN_IN, ExitCode.AWS),
    ProfileNotFound: lambda error: bad_input(f"{error}.", "aws configure list-profiles shows those that there are."),
    NoRegionError: lambda _: bad_input("No Region is chosen.", "Say --region, or set AWS_REGION."),
    AwsConnectionError: lambda error: CommandError(
        f"AWS cannot be reached: {error}", "See to the network, and try again.", ExitCode.AWS
    ),
    # Its text quotes the values of the request, and one of them may be the text of a secret.
    ParamValidationError: lambda _: CommandError(
        "AWS cannot be asked that: a value is of the wrong kind, or too short.", "See to the values.", ExitCode.AWS
    ),
    BotoCoreError: lambda error: CommandError(
        f"AWS could not be asked: {error}", "See to the configuration of AWS.", ExitCode.AWS
    ),
    MalformedCredentialError: lambda error: CommandError(
        f"The secret is no credential document: {error}.",
        # What is wrong as a whole has no key that could be set.
        "Mend it with: token-refresher set NAME KEY=VALUE, or in Secrets Manager."
        if error.field
        else "Mend it in Secrets Manager.",
        ExitCode.PERSON_NEEDED,
    ),
    ConfigurationError: lambda error: CommandError(
        str(error), "Change the parameters of the stack, and deploy it again.", ExitCode.PERSON_NEEDED
    ),
    ServiceUnavailableError: _of_service,
    CredentialNotFoundError: lambda error: CommandError(
        f"There is no credential {error} any more: its secret is deleted, or a pointer.",
        "token-refresher list shows those that there are.",
        ExitCode.NOT_FOUND,
    ),
    StaleObservationError: _overtaken,
    PromotionRefusedError: _overtaken,
    VersionNotFoundError: _overtaken,
    TokenRefresherError: lambda error: CommandError(f"{error}.", "Try again."),
}
"""What comes first is meant where one kind of error is another as well."""
