"""Texts for people: lists of names, durations, and texts from a provider."""

from datetime import timedelta
from typing import Final

_LISTED: Final = 20
"""How many names a text lists. Nobody reads more in a mail, and machines get the whole list."""


def names(credentials: tuple[str, ...], listed: int = _LISTED) -> str:
    """Write the names of credentials, and only the number of those beyond the first ``listed``."""
    more = len(credentials) - listed
    return ", ".join(credentials[:listed]) + (f" and {more} more" if more > 0 else "")


def span(length: timedelta) -> str:
    """Write a duration in one rounded unit, as people say it."""
    for unit, name in ((timedelta(days=1), "days"), (timedelta(hours=1), "hours")):
        if length >= 2 * unit:
            return f"{length // unit} {name}"
    minutes = length // timedelta(minutes=1)
    return "a minute" if minutes <= 1 else f"{minutes} minutes"


def readable(text: str) -> str:
    """Return a text on one line without unprintable characters, such as the marks of right-to-left names.

    A text that arrives with tokens must not make the document unreadable, or the tokens would be lost.
    """
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
