"""``python -m local.story.session_differences RECORDED NEW``: compares two recorded sessions."""

import re
import sys
from pathlib import Path

_SPAN = re.compile(r"(?:< )?\b(?:a|\d+) (second|minute|min|hour|day)s?\b")
"""A duration."""
_VARIABLE = re.compile(r"[0-9a-f]*\d[0-9a-f]*|[━─]+")
"""Numbers and ids, and the lines of a table, whose length depends on its content."""


def differences(recorded: str, seen: str) -> list[str]:
    """Return how the output in two recordings differs, regardless of the order and the number of equal lines.

    For example, the number of refreshes in a history depends on the ticks.

    Args:
        recorded: One page.
        seen: Another page.
    """
    before, after = (_blocks(page) for page in (recorded, seen))
    if list(before) != list(after):
        return [f"The commands are {list(after)}, and were {list(before)}."]
    found = []
    for command, lines in before.items():
        found += [f"{command}: - {line}" for line in lines if line not in after[command]]
        found += [f"{command}: + {line}" for line in after[command] if line not in lines]
    return found


def _blocks(page: str) -> dict[str, list[str]]:
    """Return the output lines of each command of a page, without what differs from run to run."""
    blocks = re.findall(r"^```console\n\$ (.*?)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return {
        f"{number}. {_lasting(command)}": [_lasting(line) for line in printed.splitlines() if line]
        for number, (command, printed) in enumerate(blocks, 1)
    }


def _lasting(line: str) -> str:
    # "With the next tick" and "in a minute" both mean that it is due now.
    soon = line.replace("with the next tick", "in a minute")
    return " ".join(_VARIABLE.sub("#", _SPAN.sub(r"# \1", soon)).split())


def main() -> int:
    """Compare two recordings; return 1 if they differ."""
    recorded, seen = (Path(argument) for argument in sys.argv[1:])
    found = differences(recorded.read_text("utf-8"), seen.read_text("utf-8"))
    if found:
        print(f"The commands no longer print what {recorded} says. To record it again: make session")
        print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
