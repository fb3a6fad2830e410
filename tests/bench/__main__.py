"""``python -m tests.bench``, which ``make bench`` runs."""

import argparse
from pathlib import Path

from local.stack.toolchain import ROOT
from tests.bench.bench import Effort, run
from token_refresher_cli.shell.terminal import plain_console

RESULTS = ROOT / "bench" / "results"


def main() -> None:
    """Measure, print the figures, and write them to ``bench/results``."""
    usual = Effort()
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=usual.sizes)
    parser.add_argument("--starts", type=int, default=usual.starts)
    parser.add_argument("--ticks", type=int, default=usual.ticks)
    parser.add_argument("--build", type=Path, default=ROOT / ".aws-sam" / "build")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    effort = Effort(starts=options.starts, sizes=sorted(options.sizes), ticks=options.ticks)
    console = plain_console()
    result = run(options.build, ROOT / "build" / "bench", effort, lambda step: console.print(f"· {step}"))
    for table in result.tables():
        console.print(table)
    result.write(options.results)
    console.print(f"The figures are in {options.results}.")


if __name__ == "__main__":
    main()
