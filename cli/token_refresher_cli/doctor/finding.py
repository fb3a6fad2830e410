"""A finding of ``doctor``: how bad it is, what is wrong, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from token_refresher_cli.shell.exit_code import ExitCode


class Level(StrEnum):
    """How bad a finding is, from the best to the worst."""

    OK = "ok"
    UNKNOWN = "unknown"
    """It could not be checked."""
    WARNING = "warning"
    """It works, and needs attention soon."""
    PROBLEM = "problem"
    """Something does not work, or will stop soon."""

    @property
    def rank(self) -> int:
        """A number that is higher for a worse level."""
        return list(Level).index(self)


@dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    Attributes:
        level: How bad it is.
        text: What was found, as one or more sentences. It holds no secret.
        remedy: A command, or a page with an anchor; empty if there is nothing to do.
        credential: The name of its credential; empty if it is not about one.
    """

    level: Level
    text: str
    remedy: str = ""
    credential: str = ""

    def to_document(self) -> dict[str, str | None]:
        """Return the finding as ``--output json`` has it."""
        return {
            "level": str(self.level),
            "credential": self.credential or None,
            "text": self.text,
            "remedy": self.remedy or None,
        }


def ok(text: str) -> Finding:
    """Return a finding that needs no action."""
    return Finding(Level.OK, text)


def unknown(text: str, remedy: str, credential: str = "") -> Finding:
    """Return a finding for something that could not be checked."""
    return Finding(Level.UNKNOWN, text, remedy, credential)


def warning(text: str, remedy: str, credential: str = "") -> Finding:
    """Return a finding that needs attention soon."""
    return Finding(Level.WARNING, text, remedy, credential)


def problem(text: str, remedy: str, credential: str = "") -> Finding:
    """Return a finding for something that does not work."""
    return Finding(Level.PROBLEM, text, remedy, credential)


def worst(findings: Iterable[Finding]) -> Level:
    """Return the worst level of some findings; ``OK`` for none."""
    return max((finding.level for finding in findings), key=lambda level: level.rank, default=Level.OK)


@dataclass(frozen=True)
class Report:
    """The findings of one check.

    Attributes:
        check: The name of the check.
        findings: At least one, the worst first.
    """

    check: str
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, check: str, findings: Iterable[Finding]) -> "Report":
        """Sort the findings of a check; those that are ``OK`` are left out beside others."""
        ordered = sorted(findings, key=lambda finding: -finding.level.rank)
        worth = [finding for finding in ordered if finding.level is not Level.OK]
        return cls(check, tuple(worth or ordered))

    @property
    def level(self) -> Level:
        """The worst level of its findings."""
        return worst(self.findings)

    def to_document(self) -> dict[str, object]:
        """Return the report as ``--output json`` has it."""
        return {
            "check": self.check,
            "level": str(self.level),
            "findings": [finding.to_document() for finding in self.findings],
        }


def exit_code(reports: Iterable[Report]) -> ExitCode:
    """Return the exit code for a monitor. A check that could not run counts as a warning."""
    match max((report.level for report in reports), key=lambda level: level.rank, default=Level.OK):
        case Level.PROBLEM:
            return ExitCode.PROBLEMS
        case Level.WARNING | Level.UNKNOWN:
            return ExitCode.WARNINGS
        case Level.OK:
            return ExitCode.DONE
