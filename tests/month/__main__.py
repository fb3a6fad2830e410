"""``python -m tests.month``: simulates a month of a fleet, and compares the alerts with the expected ones."""

import argparse
import sys

from rich.text import Text

from tests.month.report import Report
from token_refresher_cli.shell.terminal import plain_console


def main() -> int:
    """Simulate months; return 1 if the alerts of one differ from the expected ones."""
    parser = argparse.ArgumentParser(prog="python -m tests.month", description=__doc__)
    parser.add_argument("seeds", nargs="*", type=int, default=[1], help="one month for each")
    console = plain_console()
    equal = True
    for seed in parser.parse_args().seeds:
        report = Report.of(seed)
        for table in report.tables():
            console.print(table)
        for complaint in report.complaints:
            console.print(Text.assemble(("✗", "red"), f" {complaint}"))
        equal = equal and report.is_equal
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
