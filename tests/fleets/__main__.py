"""``python -m tests.fleets``: simulates fleets for a month, and writes docs/fleets.md and the plots beside it."""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor

from tests.fleets import page, plots
from tests.fleets.scenarios import MONTH_DAYS, Result, at_the_quota, comparisons, largest_cell, months
from token_refresher_cli.shell.terminal import plain_console

FOLDER = page.PATH.parent / "fleets"


def main() -> int:
    """Run every simulation, two at a time; return 1 if the alerts of one differ from those that people deserve."""
    parser = argparse.ArgumentParser(prog="python -m tests.fleets", description=__doc__)
    parser.add_argument("--days", type=float, default=MONTH_DAYS, help="fewer days print the alerts and write nothing")
    days = parser.parse_args().days
    console = plain_console()
    is_whole = days >= MONTH_DAYS
    whole = months(days, largest_cell())
    plans = {**whole, **comparisons(), **at_the_quota()} if is_whole else whole
    with ProcessPoolExecutor(2) as pool:
        # The longest first, so that the two processes end at about the same time.
        longest = sorted(plans, key=lambda name: -plans[name].credentials * plans[name].share * plans[name].days)
        running = {name: pool.submit(Result.of, plans[name]) for name in longest}
        results = {name: running[name].result() for name in plans}
    for name, result in results.items():
        console.print(f"{name}: alerts sent {dict(result.sent)}, deserved {dict(result.deserved)}")
    if is_whole:
        month, compared, limit = (
            {name: results[name] for name in part} for part in (whole, comparisons(), at_the_quota())
        )
        page.PATH.write_text(page.render(page.PATH.read_text("utf-8"), page.tables(month, compared, limit)), "utf-8")
        plots.draw(FOLDER, month, compared)
        plots.draw_cost(FOLDER, page.FLEETS, page.dollars)
        console.print(f"{page.PATH}, {FOLDER}")
    return 0 if all(result.sent == result.deserved for result in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
