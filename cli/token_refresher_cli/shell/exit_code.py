"""The exit codes of the command. Scripts and monitors rely on them; docs/reference.md has the same table."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended; the docstring of each member is its line in the reference."""

    DONE = 0
    """Done; ``doctor`` found nothing."""

    FAILED = 1
    """It failed, or the answer at a prompt was no; the message says why and what to do next."""

    BAD_INPUT = 2
    """The command line or a value is invalid; nothing was written."""

    NOT_FOUND = 3
    """There is no such stack, or no such credential."""

    AWS = 4
    """AWS refused or did not answer: no AWS credentials, a missing right, an outage."""

    PERSON_NEEDED = 5
    """It ran, and a person has to act: sign in, correct the secret, get access to the account."""

    WARNINGS = 10
    """``doctor`` found something to fix soon, or a check could not run."""

    PROBLEMS = 11
    """``doctor`` found something that does not work."""

    INTERRUPTED = 130
    """Ctrl-C."""
