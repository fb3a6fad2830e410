"""``doctor``: check the whole installation."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from token_refresher.base.clock import to_rfc3339
from token_refresher_cli.commands.arguments import OutputOption
from token_refresher_cli.doctor.catalogue import CHECKS
from token_refresher_cli.doctor.context import CheckContext, Options
from token_refresher_cli.doctor.finding import Finding, Level, Report, exit_code
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.errors import bad_input
from token_refresher_cli.shell.progress import Progress
from token_refresher_cli.shell.terminal import Output, out, say, say_json

_NAMES = [check.name for check in CHECKS]
_ALL = f"One of {', '.join(_NAMES)}."
CheckName = StrEnum("CheckName", {name.upper().replace("-", "_"): name for name in _NAMES})  # type: ignore[misc] # Of data.
_MARKS = {
    Level.OK: ("✓", "green"),
    Level.UNKNOWN: ("?", "cyan"),
    Level.WARNING: ("!", "yellow"),
    Level.PROBLEM: ("✗", "red"),
}
_COUNTED = {
    Level.OK: "{} found nothing",
    Level.UNKNOWN: "{} could not run",
    Level.WARNING: "{} found something to fix soon",
    Level.PROBLEM: "{} found a problem",
}


def doctor(
    installation: Installation,
    *,
    only: Annotated[
        list[CheckName] | None,
        typer.Option("--only", metavar="CHECK", help=f"Run only this check; repeatable. {_ALL}"),
    ] = None,
    skip: Annotated[
        list[CheckName] | None,
        typer.Option("--skip", metavar="CHECK", help="Skip this check; repeatable."),
    ] = None,
    no_http: Annotated[bool, typer.Option("--no-http", help="Do not request the connect page.")] = False,
    reads_pages: Annotated[
        int,
        typer.Option("--reads-pages", min=1, help="Pages of CloudTrail events to read; each takes half a second."),
    ] = Options.reads_pages,
    output: OutputOption = Output.TABLE,
) -> None:
    """Check the whole installation, and say how to fix what is wrong.

    It changes nothing. The exit code is 0 if nothing was found, 10 if there is a warning or a check could not run, and
    11 if there is a problem. `--skip` leaves a check out.

    Examples:
    - `token-refresher doctor`
    - `token-refresher doctor --only people --only alarms`
    - `token-refresher doctor --skip unread --output json`
    """
    wanted = [check for check in CHECKS if (not only or check.name in only) and check.name not in (skip or [])]
    if not wanted:
        raise bad_input("No check is left to run.", f"The checks are: {', '.join(_NAMES)}.")
    shown = Progress()
    context = CheckContext(installation, Options(http=not no_http, reads_pages=reads_pages), shown)
    reports = []
    for check in wanted:
        with shown.during(f"Checking {check.name}"):
            reports.append(check.make(context))
    if output is Output.JSON:
        say_json(_document(context, reports))
    else:
        _show(reports)
    raise typer.Exit(exit_code(reports))


def _document(context: CheckContext, reports: Sequence[Report]) -> dict[str, object]:
    worst = max((report.level for report in reports), key=lambda level: level.rank)
    return {
        "stack": context.installation.stack,
        "region": context.installation.session.region_name,
        "at": to_rfc3339(context.now),
        "level": str(worst),
        "checks": [report.to_document() for report in reports],
    }


def _show(reports: Sequence[Report]) -> None:
    """Print the reports, the worst last, where the prompt comes."""
    console = out()
    ordered = sorted(reports, key=lambda report: report.level.rank)
    found = [(report.check, finding) for report in ordered for finding in reversed(report.findings)]
    if console.is_terminal:
        console.print(_grid(found))
    else:
        for check, finding in found:
            say(f"{_MARKS[finding.level][0]} {check}: {finding.text}")
            if finding.remedy:
                say(f"  → {finding.remedy}")
    counts = Counter(report.level for report in reports)
    counted = [_COUNTED[level].format(counts[level]) for level in _COUNTED if counts[level]]
    say("")
    say(f"Of {len(reports)} checks {', '.join(counted)}.")


def _grid(found: Sequence[tuple[str, Finding]]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column()
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for check, finding in found:
        mark, colour = _MARKS[finding.level]
        grid.add_row(Text(mark, style=colour), Text(check), Text(finding.text))
        if finding.remedy:
            grid.add_row("", "", Text(f"→ {finding.remedy}", style="bold"))
    return grid
