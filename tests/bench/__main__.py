"""``python -m tests.bench``, which ``make bench`` runs."""

import argparse
from pathlib import Path

from local.stack.toolchain import ROOT
from tests.bench import cold_start
from tests.bench.bench import run
from token_refresher_cli.shell.terminal import plain_console

FOLDER = ROOT / "build" / "bench"


def main() -> None:
    """Measure, print the figures, and write them to ``build/bench``."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[100, 500])
    parser.add_argument("--refreshes", type=int, default=100)
    parser.add_argument("--build", type=Path, default=ROOT / ".aws-sam" / "build")
    parser.add_argument("--starts", type=int, default=9)
    options = parser.parse_args()
    console = plain_console()
    console.print("· Cold starts")
    console.print(cold_start.table(cold_start.run(options.build, FOLDER / "cold-start", options.starts)))
    bench = run(sorted(options.sizes), min(options.refreshes, *options.sizes), lambda step: console.print(f"· {step}"))
    bench.write(FOLDER)
    for table in bench.tables():
        console.print(table)
    console.print(f"The figures are in {(FOLDER / 'bench.json').relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
