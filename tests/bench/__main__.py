"""``python -m tests.bench``: what ``make bench`` calls."""

import argparse

from rich.console import Console

from local.toolchain import ROOT
from tests.bench.bench import run

FOLDER = ROOT / "build" / "bench"


def main() -> None:
    """Measure, print, and leave the figures in ``build/bench``."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[100, 500])
    parser.add_argument("--refreshes", type=int, default=100)
    options = parser.parse_args()
    console = Console()
    bench = run(sorted(options.sizes), min(options.refreshes, *options.sizes), lambda step: console.print(f"· {step}"))
    bench.write(FOLDER)
    for table in bench.tables():
        console.print(table)
    console.print(f"The figures are in {(FOLDER / 'bench.json').relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
