"""What a check is, and how one is made: whatever AWS refuses becomes a finding, so that the others go on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from token_refresher.errors import ServiceUnavailableError
from token_refresher_cli.checks.visit import Visit
from token_refresher_cli.errors import CommandError, explained, is_refused
from token_refresher_cli.finding import Finding, Report, unknown

_REDEPLOY: Final = "If the stack is of another version, deploy it again: make deploy"


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: Its name in ``--only``, ``--skip`` and the JSON; monitors rely on it.
        about: What it looks at, as one sentence.
        rights: The actions of IAM that whoever runs it needs, beside those that find the stack.
        run: Gathers the facts and judges them.
    """

    name: str
    about: str
    rights: tuple[str, ...]
    run: Callable[[Visit], Iterable[Finding]]

    def make(self, visit: Visit) -> Report:
        """Make the check."""
        try:
            findings = list(self.run(visit))
        except (ClientError, BotoCoreError, ServiceUnavailableError, CommandError) as error:
            findings = [self._not_made(error)]
        except KeyError as error:
            # A resource or a variable of the template of another version.
            findings = [unknown(f"It could not be checked: the stack has no {error.args[0]}.", _REDEPLOY)]
        return Report.of(self.name, findings)

    def _not_made(self, error: Exception) -> Finding:
        missing = self._missing_right(error)
        if missing:
            return unknown(
                f"It could not be checked: the right {missing} is missing.",
                f"Ask for that right, or leave it out: token-refresher doctor --skip {self.name}",
            )
        known = explained(error)
        said = known.message if known else str(error)
        return unknown(f"It could not be checked. {said}", known.next_step if known else "Try again.")

    def _missing_right(self, error: Exception) -> str:
        """Return the right that an error says is missing, as IAM calls it; empty where it is another error."""
        cause = error.__cause__ if isinstance(error, ServiceUnavailableError) else error
        if not isinstance(cause, ClientError) or not is_refused(cause):
            return ""
        call = cause.operation_name
        return next((right for right in self.rights if right.endswith(f":{call}")), call)
