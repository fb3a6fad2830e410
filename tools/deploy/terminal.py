"""The terminal of ``make deploy``: it prints on standard error and reads answers from standard input."""

import sys

from token_refresher_cli.shell.errors import bad_input


class Terminal:
    """Asks questions, and reads one line for each answer.

    The rest of standard input is for ``sam``, which asks about the changes. So the input is not buffered here.
    """

    def __init__(self) -> None:
        self._input = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - Open until the process ends.

    def say(self, text: str = "") -> None:
        """Print a line."""
        print(text, file=sys.stderr, flush=True)

    def ask(self, question: str, default: str) -> str:
        """Return the answer, or the default for an empty one.

        Raises:
            CommandError: There is no more input.
        """
        print(f"{question} [{default}]: ", end="", file=sys.stderr, flush=True)
        line = self._input.readline()
        if not line:
            raise bad_input("There is nobody to answer.", "Run make deploy in a terminal, or pipe the answers into it.")
        return line.decode().strip() or default

    def confirms(self, question: str) -> bool:
        """Ask a question, and tell whether the answer is yes."""
        return self.ask(question, "y/N").lower() in {"y", "yes"}
