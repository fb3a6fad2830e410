"""The error that ends a command: a message, the next step, and an exit code."""

from dataclasses import dataclass

from token_refresher_cli.shell.exit_code import ExitCode


@dataclass(eq=False)
class CommandError(Exception):
    """An error that ends the command.

    Attributes:
        message: What is wrong, in sentences, without a secret.
        next_step: What to do next, in sentences.
        exit_code: The exit code of the process.
    """

    message: str
    next_step: str
    exit_code: ExitCode = ExitCode.FAILED

    def __str__(self) -> str:
        """Say what is wrong and what to do next."""
        return f"{self.message} {self.next_step}"


def bad_input(message: str, next_step: str) -> CommandError:
    """Return the error for an invalid value; nothing was written."""
    return CommandError(message, next_step, ExitCode.BAD_INPUT)
