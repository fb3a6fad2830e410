"""What ``doctor`` finds: how bad it is, what is wrong, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from token_refresher_cli.exit_code import ExitCode


class Level(StrEnum):
    """How bad a finding is, from the best to the worst."""

    OK = "ok"
    UNKNOWN = "unknown"
    """It could not be checked."""
    WARNING = "warning"
    """It works, and has to be seen to soon."""
    PROBLEM = "problem"
    """Something does not work, or is about to stop."""

    @property
    def rank(self) -> int:
        """Its place among the levels: the worse, the higher."""
        return list(Level).index(self)


@dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    Attributes:
        level: How bad it is.
        text: What is so, as one or more sentences. It holds no secret.
        remedy: A command, or a page with an anchor; empty where nothing is to be done.
        credential: The name of the credential that it is about, if it is about one.
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
    """Return a finding that nothing is to be done about."""
    return Finding(Level.OK, text)


def unknown(text: str, remedy: str, credential: str = "") -> Finding:
    """Return a finding about what could not be checked."""
    return Finding(Level.UNKNOWN, text, remedy, credential)


def warning(text: str, remedy: str, credential: str = "") -> Finding:
    """Return a finding about what has to be seen to soon."""
    return Finding(Level.WARNING, text, remedy, credential)


def problem(text: str, remedy: str, credential: str = "") -> Finding:
    """Return a finding about what does not work."""
    return Finding(Level.PROBLEM, text, remedy, credential)


def worst(findings: Iterable[Finding]) -> Level:
    """Return the worst level of some findings; nothing found is good."""
    return max((finding.level for finding in findings), key=lambda level: level.rank, default=Level.OK)


@dataclass(frozen=True)
class Report:
    """What one check found.

    Attributes:
        check: The name of the check.
        findings: What it found: the worst first, and at least one.
    """

    check: str
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, check: str, findings: Iterable[Finding]) -> "Report":
        """Put the findings of a check in order; beside others, what is good is not worth a line."""
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
    """Return what a monitor gets to know: what could not be checked is no good news."""
    match max((report.level for report in reports), key=lambda level: level.rank, default=Level.OK):
        case Level.PROBLEM:
            return ExitCode.PROBLEMS
        case Level.WARNING | Level.UNKNOWN:
            return ExitCode.WARNINGS
        case Level.OK:
            return ExitCode.DONE
