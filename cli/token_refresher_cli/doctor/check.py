"""One check. If AWS refuses a call, that becomes a finding, and the other checks go on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from token_refresher_cli.doctor.context import CheckContext
from token_refresher_cli.doctor.finding import Finding, Report, unknown
from token_refresher_cli.installation.explanations import NOT_DONE, explained, refused_call
from token_refresher_cli.shell.errors import CommandError

_REDEPLOY: Final = "If the stack is of another version, deploy it again: make deploy"


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: Its name in ``--only``, ``--skip`` and the JSON; monitors rely on it.
        about: What it checks, as one sentence.
        rights: The IAM actions that the operator needs for it, beside those that find the stack.
        run: Reads the facts and judges them.
    """

    name: str
    about: str
    rights: tuple[str, ...]
    run: Callable[[CheckContext], Iterable[Finding]]

    def make(self, context: CheckContext) -> Report:
        """Run the check."""
        try:
            findings = list(self.run(context))
        except (*NOT_DONE, CommandError) as error:
            findings = [self._not_run(error)]
        except KeyError as error:
            # The stack is of another version: it lacks a resource or a variable.
            findings = [unknown(f"It could not be checked: the stack has no {error.args[0]}.", _REDEPLOY)]
        return Report.of(self.name, findings)

    def _not_run(self, error: Exception) -> Finding:
        missing = self._missing_right(error)
        if missing:
            return unknown(
                f"It could not be checked: the right {missing} is missing.",
                f"Ask for that right, or skip the check: token-refresher doctor --skip {self.name}",
            )
        known = explained(error)
        said = known.message if known else str(error)
        return unknown(f"It could not be checked. {said}", known.next_step if known else "Try again.")

    def _missing_right(self, error: Exception) -> str:
        """Return the IAM action that an error says is missing; empty for any other error."""
        call = refused_call(error)
        return next((right for right in self.rights if call and right.endswith(f":{call}")), call)
