"""The table of `list`: one line a credential, with as many columns as fit.

A terminal is often 80 columns wide, and all columns need about 200. The least important ones leave, and those with long
texts fold, so that the name, the status and the next action are never cut (docs/decisions/0051-the-house-in-rooms.md).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from token_refresher.alerts.expiry import STAGES
from token_refresher.base.clock import readable_time
from token_refresher.base.text import span
from token_refresher.credential.default_provider import DEFAULT_PROVIDER
from token_refresher.credential.status import Status
from token_refresher_cli.installation.row import CredentialRow, Unrecorded
from token_refresher_cli.views.next_action import next_action

_NOTHING: Final = "-"
_NOT_READABLE: Final = "not readable"

_STYLES: Final = {
    Status.HEALTHY: "green",
    Status.RETRYING: "yellow",
    Status.AWAITING_CONSENT: "yellow",
    Status.PAUSED: "dim",
    Unrecorded.UNSEEN: "dim",
    Unrecorded.GONE: "dim",
}
"""Every other status needs a person and is red."""

_LEAST_WIDTH: Final = 12
"""The least width of a column that folds. A narrower one is not readable."""


_PAGE: Final = 200
"""How many credentials one table has."""

Line = tuple[tuple[str, str], ...]
"""The cells of one credential, each with its text and its style. It is small: the whole fleet is held for its order."""


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Attributes:
        heading: Its heading.
        cell: Returns its text for a credential.
        leaves: The order in which columns leave a narrow table; one with 0 always stays.
        folds: Whether its text may take several lines.
        needless: The text that says nothing: a column where every credential has it is left out.
    """

    heading: str
    cell: Callable[[CredentialRow, datetime], Text]
    leaves: int = 0
    folds: bool = False
    needless: str = ""


def _name(row: CredentialRow, _now: datetime) -> Text:
    return Text(row.name)


def _provider(row: CredentialRow, _now: datetime) -> Text:
    return Text(row.provider)


def _account(row: CredentialRow, _now: datetime) -> Text:
    if not row.account_id:
        return Text(_NOTHING if row.current.is_readable else _NOT_READABLE)
    return Text(f"{row.account_name} ({row.account_id})" if row.account_name else row.account_id)


def _status(row: CredentialRow, _now: datetime) -> Text:
    return Text(row.status, style=_STYLES.get(row.status, "bold red"))


def _good_for(row: CredentialRow, now: datetime) -> Text:
    left = minutes_left(row, now)
    if left is None or row.expires_at is None:
        return Text(_NOTHING)
    if row.expires_at <= now:
        return Text("expired", style="bold red")
    return Text(f"{left} min" if left else "< 1 min")


def _refreshed(row: CredentialRow, now: datetime) -> Text:
    return Text(_ago(row.refreshed_at, now))


def _refresh_token_age(row: CredentialRow, now: datetime) -> Text:
    age, ends_at = _age(row.refresh_token_issued_at, now), row.refresh_token_ends_at
    if ends_at is None:
        return Text(age)
    left = ends_at - now
    style = "" if left > timedelta(days=STAGES[0]) else "yellow" if left > timedelta(0) else "bold red"
    return Text(f"{age}, {'ends' if left > timedelta(0) else 'ended'} {ends_at:%Y-%m-%d}", style=style)


def _consented(row: CredentialRow, _now: datetime) -> Text:
    identity = row.identity
    if identity is None:
        return Text(_NOTHING)
    return Text(f"{identity.username or identity.person}, {identity.consented_at:%Y-%m-%d}")


def _client_secret(row: CredentialRow, now: datetime) -> Text:
    ends_at = row.client_secret_expires_at
    if ends_at is None:
        return Text(_NOTHING if row.current.is_readable else _NOT_READABLE)
    return Text(f"{ends_at:%Y-%m-%d}", style="" if ends_at > now else "bold red")


def _next(row: CredentialRow, now: datetime) -> Text:
    return Text(str(next_action(row, now)))


COLUMNS: Final = (
    Column("Name", _name, folds=True),
    Column("Provider", _provider, leaves=6, needless=DEFAULT_PROVIDER),
    Column("Account", _account, leaves=5, folds=True),
    Column("Status", _status),
    Column("Token good for", _good_for),
    Column("Refreshed", _refreshed, leaves=1),
    Column("Refresh token", _refresh_token_age, leaves=2),
    Column("Consented by", _consented, leaves=4, folds=True),
    Column("Client secret ends", _client_secret, leaves=3),
    Column("Next", _next, folds=True),
)


def minutes_left(row: CredentialRow, now: datetime) -> int | None:
    """Return for how many whole minutes the access token is valid; 0 if it has expired."""
    if row.expires_at is None:
        return None
    return max(int((row.expires_at - now).total_seconds() // 60), 0)


def line_of(row: CredentialRow, now: datetime) -> Line:
    """Return the cells of a credential, one for each of `COLUMNS`."""
    texts = [column.cell(row, now) for column in COLUMNS]
    return tuple((text.plain, str(text.style)) for text in texts)


def screen_tables(lines: Sequence[Line], now: datetime, console: Console) -> Iterator[Table]:
    """Yield the table for a terminal, in pages: Rich takes long for a long table, and prints it only as a whole.

    Columns that do not fit are left out, and the last caption names them.
    """
    telling = _telling(lines)
    columns = _fitting(telling, lines, console)
    left_out = [column.heading for column in telling if column not in columns]
    for start in range(0, len(lines), _PAGE):
        table = _table(columns, lines[start : start + _PAGE])
        if start + _PAGE >= len(lines):
            table.caption = f"{readable_time(now)}" + (f"; no room for: {', '.join(left_out)}" if left_out else "")
            table.caption_justify = "left"
        yield table


def piped_table(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the lines for a pipe: every column, one line a credential."""
    columns = _telling(lines)
    headings = [column.heading.upper() for column in columns]
    texts_of = [[line[COLUMNS.index(column)][0] for column in columns] for line in lines]
    widths = [max(len(heading), *(len(texts[at]) for texts in texts_of)) for at, heading in enumerate(headings)]
    for texts in (headings, *texts_of):
        yield "  ".join(map(str.ljust, texts, widths)).rstrip()


def _telling(lines: Sequence[Line]) -> list[Column]:
    """Return the columns that say something of at least one credential."""
    return [
        column
        for at, column in enumerate(COLUMNS)
        if not column.needless or any(line[at][0] != column.needless for line in lines)
    ]


def _fitting(telling: Sequence[Column], lines: Sequence[Line], console: Console) -> list[Column]:
    """Return the columns that fit, if those that fold are as narrow as is readable."""
    widths = {column.heading: _longest(at, column, lines) for at, column in enumerate(COLUMNS)}
    columns = list(telling)
    for leaving in sorted((column for column in telling if column.leaves), key=lambda column: column.leaves):
        if _width(columns, widths) <= console.width:
            break
        columns.remove(leaving)
    return columns


def _width(columns: Sequence[Column], widths: Mapping[str, int]) -> int:
    """Return the least readable width of a table, with its borders."""
    folded = {
        column.heading: max(min(widths[column.heading], 2 * _LEAST_WIDTH), _LEAST_WIDTH)
        for column in columns
        if column.folds
    }
    return sum(({**widths, **folded})[column.heading] for column in columns) + 3 * len(columns) + 1


def _longest(at: int, column: Column, lines: Sequence[Line]) -> int:
    return max(cell_len(column.heading), *(cell_len(line[at][0]) for line in lines), 0)


def _table(columns: Sequence[Column], lines: Sequence[Line]) -> Table:
    table = Table(header_style="bold")
    for column in columns:
        table.add_column(
            column.heading,
            no_wrap=not column.folds,
            overflow="fold",
            min_width=_LEAST_WIDTH if column.folds else None,
        )
    places = [COLUMNS.index(column) for column in columns]
    for line in lines:
        table.add_row(*(Text(*line[at]) for at in places))
    return table


def _age(since: datetime | None, now: datetime) -> str:
    return _NOTHING if since is None else span(now - since)


def _ago(since: datetime | None, now: datetime) -> str:
    return _NOTHING if since is None else f"{span(now - since)} ago"
