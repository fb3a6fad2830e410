"""The access token of a credential, if it is good; else why not, and what to do."""

from datetime import datetime

from token_refresher.clock import readable_time
from token_refresher.errors import MalformedCredentialError
from token_refresher.sensitive import Sensitive
from token_refresher_cli.errors import CommandError
from token_refresher_cli.exit_code import ExitCode
from token_refresher_cli.next_action import next_action
from token_refresher_cli.overview_row import Row


def live_token(row: Row, now: datetime) -> Sensitive:
    """Return the access token.

    Raises:
        CommandError: The secret is no credential document, cannot be read, there is no token, or it has ended.
    """
    if row.current.problem is not None:
        raise _malformed(row.name, row.current.problem)
    credential = row.current.credential
    if credential is None:
        raise CommandError(
            f"AWS does not let you read the secret of {row.name} ({row.current.refusal}).",
            "Ask for secretsmanager:GetSecretValue and kms:Decrypt, or choose another profile with --profile.",
            ExitCode.AWS,
        )
    if credential.access_token is None and credential.refresh_token is None:
        raise CommandError(
            f"Nobody has signed in for {row.name} yet, so that there is no token.",
            f"Send the link that token-refresher link {row.name} prints to whoever may read the advertising account.",
            ExitCode.PERSON_NEEDED,
        )
    if credential.access_token is None:
        raise _without_token(row, f"{row.name} has no access token yet.", now)
    if credential.expires_at is not None and credential.expires_at <= now:
        message = f"The access token of {row.name} has ended at {readable_time(credential.expires_at)}."
        raise _without_token(row, message, now)
    return credential.access_token


def _malformed(name: str, problem: MalformedCredentialError) -> CommandError:
    step = f"Mend it with: token-refresher set {name} KEY=VALUE"
    if problem.field is None:
        step = "Correct its text in Secrets Manager: docs/operations.md#a-secret-that-is-no-json"
    return CommandError(f"The secret of {name} is no credential document: {problem}.", step, ExitCode.PERSON_NEEDED)


def _without_token(row: Row, message: str, now: datetime) -> CommandError:
    """Return the error that says who has to act, where it is not the command that can."""
    action = next_action(row, now)
    if not action.actor.is_somebody:
        return CommandError(message, f"Refresh it with: token-refresher refresh {row.name}")
    step = f"Next: {action}. token-refresher show {row.name} says why."
    return CommandError(message, step, ExitCode.PERSON_NEEDED)
