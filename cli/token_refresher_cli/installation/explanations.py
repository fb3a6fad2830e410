"""What an error of AWS or of the package means to an operator. The one place that knows how AWS refuses a call."""

from collections.abc import Callable
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

from token_refresher.base.errors import (
    ConfigurationError,
    ContendedError,
    CredentialNotFoundError,
    EnqueueError,
    MalformedCredentialError,
    PromotionRefusedError,
    ServiceUnavailableError,
    StaleObservationError,
    TokenRefresherError,
    VersionNotFoundError,
)
from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.shell.exit_code import ExitCode

_SIGN_IN = "Sign in (aws sso login, or aws configure), or choose a profile with --profile."
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException"})
_OUT_OF_TIME = frozenset({"RequestExpired", "RequestTimeTooSkewed"})
_OF_TIME = ("signature expired", "not yet current")
"""Words of the message if AWS refuses a signature for its time; the code varies."""

_OF_THE_VALUES = ("Validation", "Invalid", "Malformed")
"""How the codes of a bad request begin, such as ``ValidationException`` and ``InvalidParameterException``."""

_MAY_PASS = "Try again. If it fails again, see the message."
_UNKNOWN = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch"})
_REFUSED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})


def explained(error: Exception) -> CommandError | None:
    """Return what an error means to the operator; ``None`` for an unexpected error."""
    if isinstance(error, CommandError):
        return error
    return next((explain(error) for kind, explain in _EXPLANATIONS.items() if isinstance(error, kind)), None)


NOT_DONE: Final = (BotoCoreError, ClientError, EnqueueError, ServiceUnavailableError)
"""The errors of a call that AWS did not do, or that did not reach it."""


def is_refused(error: ClientError) -> bool:
    """Tell whether the operator lacks the right to a call."""
    return error.response.get("Error", {}).get("Code", "") in _REFUSED


def refused_call(error: Exception) -> str:
    """Return the call that the operator lacks the right to; empty for any other error."""
    cause = error.__cause__ if isinstance(error, ServiceUnavailableError) else error
    return cause.operation_name if isinstance(cause, ClientError) and is_refused(cause) else ""


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
            "AWS refuses the time of this request: the clock of this machine is wrong, or the request took too long"
            f" ({code}).",
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
    step = "See the message: AWS would refuse the same request again." if code.startswith(_OF_THE_VALUES) else _MAY_PASS
    return CommandError(f"AWS refused {call}: {said} ({code}).", step, ExitCode.AWS)


def _overtaken(error: TokenRefresherError) -> CommandError:
    return CommandError(f"Another process wrote {error} at the same time.", "Try again.")


_EXPLANATIONS: Final[dict[type[Exception], Callable[[Any], CommandError]]] = {
    ClientError: _of_aws,
    NoCredentialsError: lambda _: CommandError("There are no AWS credentials.", _SIGN_IN, ExitCode.AWS),
    PartialCredentialsError: lambda _: CommandError("The AWS credentials are not complete.", _SIGN_IN, ExitCode.AWS),
    UnauthorizedSSOTokenError: lambda _: CommandError("The sign-in to AWS has expired.", _SIGN_IN, ExitCode.AWS),
    SSOTokenLoadError: lambda _: CommandError("The sign-in to AWS has expired.", _SIGN_IN, ExitCode.AWS),
    TokenRetrievalError: lambda _: CommandError("The sign-in to AWS has expired.", _SIGN_IN, ExitCode.AWS),
    ProfileNotFound: lambda error: bad_input(f"{error}.", "aws configure list-profiles shows the profiles."),
    NoRegionError: lambda _: bad_input("No Region is chosen.", "Give --region, or set AWS_REGION."),
    AwsConnectionError: lambda error: CommandError(
        f"AWS cannot be reached: {error}", "Check the network, and try again.", ExitCode.AWS
    ),
    # Its own text quotes the values of the request, which may be the text of a secret.
    ParamValidationError: lambda _: CommandError(
        "The request to AWS is not valid: a value is of the wrong kind, or too short.",
        "Check the values.",
        ExitCode.AWS,
    ),
    BotoCoreError: lambda error: CommandError(
        f"The request to AWS failed: {error}", "Check the configuration of AWS.", ExitCode.AWS
    ),
    MalformedCredentialError: lambda error: CommandError(
        f"The secret is no credential document: {error}.",
        # Without a field no key can be set: the text as a whole is wrong.
        "Correct it with: token-refresher set NAME KEY=VALUE, or in Secrets Manager."
        if error.field
        else "Correct it in Secrets Manager.",
        ExitCode.PERSON_NEEDED,
    ),
    ConfigurationError: lambda error: CommandError(
        str(error), "Change the parameters of the stack, and deploy it again.", ExitCode.PERSON_NEEDED
    ),
    ContendedError: lambda error: CommandError(
        f"Other processes changed {error.call.removeprefix('write ')} each time before this command could write it.",
        "Try again.",
    ),
    ServiceUnavailableError: _of_service,
    CredentialNotFoundError: lambda error: CommandError(
        f"There is no credential {error} any more: its secret is deleted, or a pointer to a new name.",
        "token-refresher list shows the names.",
        ExitCode.NOT_FOUND,
    ),
    StaleObservationError: _overtaken,
    PromotionRefusedError: _overtaken,
    VersionNotFoundError: _overtaken,
    TokenRefresherError: lambda error: CommandError(f"{error}.", "Try again."),
}
"""The first match counts: some of these classes are subclasses of later ones."""
