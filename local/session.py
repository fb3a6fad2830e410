"""A recorded session: commands that were really run, and what they really printed.

What differs from run to run (ids, fingerprints, times) is put in order, so that two recordings of the same commands are
the same text, and a difference is a difference of the command.
"""

import re
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from local.operator import Operator, Printed


class CommandEndedError(Exception):
    """A command ended otherwise than it should; the message holds what it printed."""


@dataclass
class Session:
    """Runs commands one after the other, and remembers what was seen.

    Attributes:
        operator: Who runs them.
        show: Is given each command and what it printed, as a terminal shows it.
        parts: What was recorded, as headings and what follows them.
    """

    operator: Operator
    show: Callable[[str], None]
    parts: list[tuple[str, list[str]]] = field(default_factory=list)

    def begin(self, heading: str) -> None:
        """Begin a part under a heading."""
        self.parts.append((heading, []))

    def run(self, *arguments: str, answers: Sequence[tuple[str, str]] = (), exit_code: int = 0) -> Printed:
        """Run a command in a terminal, and record it.

        Raises:
            CommandEndedError: It ended with another exit code.
        """
        printed = self.operator.type(*arguments, answers=answers)
        line = f"$ token-refresher {shlex.join(arguments)}"
        text = f"{line}\n{printed.stdout}"
        self.show(text)
        if printed.exit_code != exit_code:
            raise CommandEndedError(
                f"token-refresher {arguments[0]} ended with {printed.exit_code}: {printed.stdout}{printed.stderr}"
            )
        self.parts[-1][1].append(text)
        return printed

    def markdown(self) -> str:
        """Return the session as a page, the same for every run."""
        orderly = Orderly()
        sections = []
        for heading, texts in self.parts:
            blocks = "\n".join(f"```console\n{orderly.text(text).rstrip()}\n```\n" for text in texts)
            sections.append(f"## {heading}\n\n{blocks}")
        return "\n".join([_INTRODUCTION, *sections])

    def write(self, path: Path) -> None:
        """Leave the page behind."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.markdown(), "utf-8")


_INTRODUCTION: Final = """\
# A session

What the commands print, as `make run` ran them on the local stack. Ids, fingerprints, times and invites are put in
order, so that this page changes only when what is printed does: `make session` records it anew, and `make check`
compares.
"""

_SPAN = re.compile(r"(?:< )?\b(?:a|\d+) (second|minute|min|hour|day)s?\b")
"""How long something takes."""
_VARIABLE = re.compile(r"[0-9a-f]*\d[0-9a-f]*|[━─]+")
"""Numbers and ids, and the lines of a table, which are as long as what is in it."""


def differences(recorded: str, seen: str) -> list[str]:
    """Return how two recordings differ in what is printed, however often and in whatever order lines came.

    How many refreshes a credential has had when it is looked at, say, depends on the ticks.

    Args:
        recorded: A page.
        seen: Another one.
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
    """Return the lines that each command of a page printed, without what differs from run to run."""
    blocks = re.findall(r"^```console\n\$ (.*?)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return {
        f"{number}. {_lasting(command)}": [_lasting(line) for line in printed.splitlines() if line]
        for number, (command, printed) in enumerate(blocks, 1)
    }


def _lasting(line: str) -> str:
    # What is due by now is due with the next tick.
    soon = line.replace("with the next tick", "in a minute")
    return " ".join(_VARIABLE.sub("#", _SPAN.sub(r"# \1", soon)).split())


def main() -> int:
    """Compare two recordings; return 1 if they differ."""
    recorded, seen = (Path(argument) for argument in sys.argv[1:])
    found = differences(recorded.read_text("utf-8"), seen.read_text("utf-8"))
    if found:
        print(f"{recorded} is not what the commands print any more. To record it anew: make session")
        print("\n".join(found))
    return 1 if found else 0


_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class Orderly:
    """Puts in order what differs from run to run, each kind by its first appearance."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, str]] = {}

    def text(self, text: str) -> str:
        """Return a text with what differs put in order."""
        for kind, (pattern, shape) in _KINDS.items():
            text = re.sub(pattern, partial(self._known, kind, shape), text)
        return "\n".join(line.rstrip() for line in text.split("\n"))

    def _known(self, kind: str, shape: Callable[[int], str], match: re.Match[str]) -> str:
        seen = self._seen.setdefault(kind, {})
        return seen.setdefault(match[0], shape(len(seen) + 1))


_KINDS: Final[dict[str, tuple[str, Callable[[int], str]]]] = {
    "invite": (r"invite=[\w.~-]+", lambda _: "invite=…"),
    "id": (_UUID, lambda number: f"00000000-0000-4000-8000-{number:012}"),
    "fingerprint": (r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{12}\b", lambda number: f"f{number:011}"),
    "version": (r"(?:(?<=version  )|(?<=on top of ))[0-9a-f]{8}\b", lambda number: f"c{number:07}"),
    "moment": (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", lambda _: "2026-01-31T09:00:00Z"),
    "minute": (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?( UTC)?", lambda _: "2026-01-31 09:00 UTC"),
    "day": (r"\b20\d\d-\d\d-\d\d\b(?!T| \d)", lambda _: "2026-01-31"),
    "port": (r"localhost:\d+", lambda _: "localhost:8080"),
    "suffix": (r"(?<=:secret:token-refresher/)[\w/-]+-\w{6}\b", lambda number: f"acme-bing-ads-{number:06}"),
}
"""What differs, with what stands for it. The order matters: a fingerprint may be part of an id."""


if __name__ == "__main__":
    sys.exit(main())
