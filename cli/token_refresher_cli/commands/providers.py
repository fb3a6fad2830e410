"""``providers``: list the providers that a credential may name."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from token_refresher.providers.catalogue.builtin import builtin, builtin_names
from token_refresher.providers.catalogue.entry import ProviderEntry
from token_refresher.providers.catalogue.own import read_own_entry
from token_refresher.providers.catalogue.reader import InvalidEntryError
from token_refresher_cli.commands.arguments import OutputOption
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.known_providers import KnownProviders
from token_refresher_cli.shell.terminal import Output, is_screen, out, progress, say_json, write_lines
from token_refresher_cli.views.provider_words import end, rotation

_HEADINGS = ("Name", "Reads", "Refresh token", "Ends")


@dataclass(frozen=True)
class _Row:
    """One provider, with its entry or with what is wrong with it."""

    name: str
    is_own: bool
    entry: ProviderEntry | None
    problem: str = ""

    def cells(self) -> tuple[str, ...]:
        if self.entry is None:
            return self.name, f"cannot be used: {self.problem}", "", ""
        return self.name, self.entry.words.product, rotation(self.entry), end(self.entry) or "-"

    def to_document(self) -> dict[str, Any]:
        facts = self.entry.refresh_token if self.entry else None
        return {
            "name": self.name,
            "title": self.entry.words.provider if self.entry else None,
            "product": self.entry.words.product if self.entry else None,
            "own": self.is_own,
            "rotation": str(facts.rotation) if facts and facts.rotation else None,
            "lifetime_seconds": int(facts.lifetime.total_seconds()) if facts and facts.lifetime else None,
            "idle_seconds": int(facts.idle.total_seconds()) if facts and facts.idle else None,
            "problem": self.problem or None,
        }


def providers(installation: Installation, output: OutputOption = Output.TABLE) -> None:
    """List the providers that a credential may name: the catalogue, and those of the team.

    For each it says what pipelines read with the token, whether a refresh replaces the refresh token, and when that
    token ends. The pages in docs/providers have the rest.

    Examples:
    - `token-refresher providers`
    - `token-refresher providers --output json`
    """
    with progress("Reading the providers"):
        rows = list(_rows(KnownProviders(installation)))
    if output is Output.JSON:
        say_json({"providers": [row.to_document() for row in rows]})
        return
    cells = [row.cells() for row in rows]
    if is_screen():
        table = Table(*_HEADINGS, header_style="bold")
        for line in cells:
            table.add_row(*line)
        out().print(table)
        return
    lines = [tuple(heading.upper() for heading in _HEADINGS), *cells]
    # A problem takes the rest of its line, so it widens no column.
    widths = [
        max(len(line[at]) for line, row in zip(lines, [None, *rows], strict=True) if not (row and row.problem))
        for at in range(len(_HEADINGS))
    ]
    write_lines("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def _rows(known: KnownProviders) -> Iterator[_Row]:
    for name in builtin_names():
        yield _Row(name, is_own=False, entry=builtin(name))
    for name in known.own.names():
        text, where = known.own.read(name) or ("", "")
        if name in builtin_names():
            yield _Row(name, is_own=True, entry=None, problem=f"{where}: the catalogue has an entry of this name")
            continue
        try:
            yield _Row(name, is_own=True, entry=read_own_entry(name, text, where, is_local=known.is_local))
        except InvalidEntryError as error:
            yield _Row(name, is_own=True, entry=None, problem=str(error))
