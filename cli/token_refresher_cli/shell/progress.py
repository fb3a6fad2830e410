"""Shows on a terminal how far a command is with something that takes a while."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from token_refresher_cli.shell.terminal import err

T = TypeVar("T")


class Progress:
    """What takes a while, and how many there were so far: one line on standard error, if that is a terminal."""

    def __init__(self) -> None:
        self._what = ""
        self._counted = 0

    @contextmanager
    def during(self, what: str, below: Callable[[], RenderableType | None] = lambda: None) -> Iterator[None]:
        """Show the line until the block ends, and then nothing.

        Args:
            what: What takes a while.
            below: Returns what to show below the line; it is called a few times a second.
        """
        self._what, self._counted = what, 0
        spinner = Spinner("dots")

        def shown() -> RenderableType:
            spinner.update(text=Text(f"{self._what} …{f' {self._counted}' if self._counted else ''}"))
            more = below()
            return spinner if more is None else Group(spinner, more)

        # Standard output is for results, and Rich would write to standard error what is printed there meanwhile.
        with Live(
            console=err(),
            transient=True,
            refresh_per_second=5,
            get_renderable=shown,
            redirect_stdout=False,
            redirect_stderr=False,
        ):
            yield

    def counted(self, items: Iterable[T]) -> Iterator[T]:
        """Yield items, and show how many there were so far."""
        for item in items:
            self._counted += 1
            yield item
