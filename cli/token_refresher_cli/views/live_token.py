"""The access token of a credential, if it is valid; otherwise why not, and what to do."""

from datetime import datetime

from token_refresher.base.clock import readable_time
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.base.sensitive import Sensitive
from token_refresher_cli.installation.row import CredentialRow
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.exit_code import ExitCode
from token_refresher_cli.views.next_action import next_action


def live_token(row: CredentialRow, now: datetime) -> Sensitive:
    """Return the access token.

    Raises:
        CommandError: The secret is no credential document or cannot be read, or there is no token, or it has expired.
    """
    if row.current.problem is not None:
        raise _malformed(row.name, row.current.problem)
    credential = row.current.credential
    if credential is None:
        raise CommandError(
            f"AWS does not let you read the secret of {row.name} ({row.current.refusal_code}).",
            "Ask for secretsmanager:GetSecretValue and kms:Decrypt, or choose another profile with --profile.",
            ExitCode.AWS,
        )
    if credential.access_token is None and credential.refresh_token is None:
        raise CommandError(
            f"There is no token: nobody has signed in for {row.name} yet.",
            f"Send the link from token-refresher link {row.name} to a person with access to the advertising account.",
            ExitCode.PERSON_NEEDED,
        )
    if credential.access_token is None:
        raise _without_token(row, f"{row.name} has no access token yet.", now)
    if credential.expires_at is not None and credential.expires_at <= now:
        message = f"The access token of {row.name} expired at {readable_time(credential.expires_at)}."
        raise _without_token(row, message, now)
    return credential.access_token


def _malformed(name: str, problem: MalformedCredentialError) -> CommandError:
    step = f"Correct it with: token-refresher set {name} KEY=VALUE"
    if problem.field is None:
        step = "Correct its text in Secrets Manager: docs/operations.md#a-secret-that-is-no-json"
    return CommandError(f"The secret of {name} is no credential document: {problem}.", step, ExitCode.PERSON_NEEDED)


def _without_token(row: CredentialRow, message: str, now: datetime) -> CommandError:
    """Return the error for a token that is missing: a refresh may bring it, or a person has to act first."""
    action = next_action(row, now)
    if not action.actor.must_act:
        return CommandError(message, f"Refresh it with: token-refresher refresh {row.name}")
    step = f"Next: {action}. token-refresher show {row.name} says why."
    return CommandError(message, step, ExitCode.PERSON_NEEDED)
