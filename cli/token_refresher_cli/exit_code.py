"""The exit codes of the command. Scripts and monitors rely on them; docs/reference.md has the same table."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended; the docstring of each member is its line in the reference."""

    DONE = 0
    """It is done; ``doctor`` found nothing."""

    FAILED = 1
    """It could not be done, or was called off; the message says why and what to do next."""

    BAD_INPUT = 2
    """The command line or a value is wrong; nothing was written."""

    NOT_FOUND = 3
    """There is no such stack, or no such credential."""

    AWS = 4
    """AWS refused or did not answer: no credentials, a right that is missing, an outage."""

    PERSON_NEEDED = 5
    """It ran, and a person has to act: sign in, mend the secret, see to the account."""

    WARNINGS = 10
    """``doctor`` found something that is to be seen to soon, or could not check something."""

    PROBLEMS = 11
    """``doctor`` found something that does not work."""

    INTERRUPTED = 130
    """Ctrl-C."""
