"""What an error of AWS, or of the package, means to an operator."""

import pytest
import typer
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError

from tests.cli.desk import Desk
from tests.cli.worker import TOKENS
from token_refresher.aws.errors import translated
from token_refresher.aws.secrets_manager import SecretsManagerStore
from token_refresher.base.errors import (
    ContendedError,
    CredentialNotFoundError,
    MalformedCredentialError,
    PromotionRefusedError,
    ServiceUnavailableError,
    StaleObservationError,
    TokenRefresherError,
    VersionNotFoundError,
)
from token_refresher_cli.commands import remove
from token_refresher_cli.installation.explanations import explained
from token_refresher_cli.installation.installation import environment_of
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.exit_code import ExitCode

NAME = "acme-bing-ads"


def test_a_request_that_the_library_refuses_is_not_quoted() -> None:
    known = explained(ParamValidationError(report="Invalid type for SecretString, value: planted-secret"))
    assert known is not None
    assert known.exit_code is ExitCode.AWS
    assert "planted" not in str(known)


def test_a_connection_that_fails_is_no_refusal() -> None:
    try:
        with translated("secretsmanager"):
            raise EndpointConnectionError(endpoint_url="https://secretsmanager.example.com")
    except TokenRefresherError as error:
        known = explained(error)
    assert known is not None
    assert known.message.startswith("AWS cannot be reached")
    assert known.exit_code is ExitCode.AWS


@pytest.mark.parametrize("kind", [StaleObservationError, PromotionRefusedError, VersionNotFoundError])
def test_whoever_was_overtaken_learns_of_what(kind: type[TokenRefresherError]) -> None:
    known = explained(kind(NAME))
    assert known is not None
    assert known.message == f"Another process wrote {NAME} at the same time."
    assert known.exit_code is ExitCode.FAILED


def test_what_others_wrote_each_time_is_named() -> None:
    known = explained(ContendedError(NAME))
    assert known is not None
    assert (known.exit_code, known.next_step) == (1, "Try again.")
    assert known.message == f"Other processes changed {NAME} each time before this command could write it."


def test_a_credential_that_goes_while_it_is_read_is_not_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> str:
        raise CredentialNotFoundError(NAME)

    desk.put(NAME, **TOKENS)
    monkeypatch.setattr(SecretsManagerStore, "read", gone)
    result = desk.run("link", NAME)
    assert result.exit_code == ExitCode.NOT_FOUND
    assert f"There is no credential {NAME} any more" in result.stderr


def test_what_no_key_can_mend_is_not_to_be_mended_with_set() -> None:
    whole = explained(MalformedCredentialError(None, "the secret is binary, and must be a JSON text"))
    key = explained(MalformedCredentialError("tenant", "must be a text, and is a number"))
    assert whole is not None
    assert key is not None
    assert "token-refresher set" not in whole.next_step
    assert "token-refresher set" in key.next_step


def test_who_may_not_list_secrets_still_learns_that_a_name_is_wrong(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ServiceUnavailableError("secretsmanager.ListSecrets", "AccessDeniedException", passing=False)

    monkeypatch.setattr(SecretsManagerStore, "managed", refuse)
    result = desk.run("show", NAME)
    assert result.exit_code == ExitCode.NOT_FOUND
    assert f"There is no credential {NAME}" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("rotate-client-secret", NAME, "planted-secret"),
        ("add", NAME, "planted-secret"),
        ("refresh", NAME, "planted-secret"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_an_argument_too_many_may_be_a_secret_and_is_not_repeated(desk: Desk, arguments: tuple[str, ...]) -> None:
    result = desk.run(*arguments)
    assert result.exit_code == ExitCode.BAD_INPUT
    assert "one argument too many" in result.stderr
    assert "planted" not in result.output


@pytest.mark.parametrize(
    "environment", [{}, {"Error": {"ErrorCode": "AccessDeniedException"}}], ids=["none", "no right to decrypt it"]
)
def test_an_environment_that_cannot_be_read_is_said(environment: dict[str, object]) -> None:
    with pytest.raises(CommandError, match="cannot be read") as caught:
        environment_of({"Environment": environment})
    assert caught.value.exit_code is ExitCode.AWS


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("SignatureDoesNotMatch", "Signature expired: 20261122T080000Z is now earlier than 20261122T085500Z"),
        (
            "InvalidSignatureException",
            "Signature not yet current: 20261122T100000Z is still later than 20261122T090500Z",
        ),
        ("RequestExpired", "Request has expired."),
    ],
)
def test_a_clock_that_is_wrong_is_no_matter_of_credentials(code: str, message: str) -> None:
    known = explained(ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks"))
    assert known is not None
    assert "clock" in known.message
    assert "Sign in" not in known.next_step
    assert known.exit_code is ExitCode.AWS


@pytest.mark.parametrize(
    ("pressed", "exit_code"), [(KeyboardInterrupt, ExitCode.INTERRUPTED), (EOFError, ExitCode.FAILED)]
)
def test_ctrl_c_at_a_question_is_an_interruption(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, pressed: type[BaseException], exit_code: ExitCode
) -> None:
    def press(*_: object, **__: object) -> str:
        try:
            raise pressed
        except (KeyboardInterrupt, EOFError):
            raise typer.Abort from None  # As the library does.

    desk.put(NAME)
    monkeypatch.setattr(remove, "is_interactive", lambda: True)
    monkeypatch.setattr(typer, "prompt", press)
    assert desk.run("remove", NAME).exit_code == exit_code
