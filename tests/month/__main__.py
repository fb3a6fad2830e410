"""``python -m tests.month``: a month of a fleet in some seconds, and whether people were told what they deserved."""

import argparse
import sys

from rich.console import Console

from tests.month.report import Report


def main() -> int:
    """Let months pass; return 1 if people were told anything else than they deserved."""
    parser = argparse.ArgumentParser(prog="python -m tests.month", description=__doc__)
    parser.add_argument("seeds", nargs="*", type=int, default=[1], help="one month for each")
    console = Console()
    equal = True
    for seed in parser.parse_args().seeds:
        report = Report.of(seed)
        for table in report.tables():
            console.print(table)
        for complaint in report.complaints:
            console.print(f"[red]✗[/] {complaint}", highlight=False)
        equal = equal and report.is_equal
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
