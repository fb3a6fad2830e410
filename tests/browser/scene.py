"""A scene: the clicks to one page, and what the page must be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.browser.clicks import Clicks
from tests.flows.household import PERSON


def slug(words: str) -> str:
    """Return words as the name of a credential or a file."""
    return re.sub("[^a-z0-9]+", "-", words.lower()).strip("-")


@dataclass(frozen=True, eq=False)
class Scene:
    """The clicks to one page, and what the page must be.

    Attributes:
        what: What happens, as the end of a sentence that begins with "when".
        heading: The heading of the page.
        status: Its HTTP status.
        clicks: The clicks of the person.
        says: Other texts on the page.
        document: Additional keys of the document.
        fault: A fault of the stand-in for Microsoft, with its details.
        again: The button for a fresh start, if there is one, which leads to a connection.
        again_as: The person who then signs in.
        again_prompt: The `prompt` of that sign-in.
        names_the_credential: Whether the page may name the credential.
        writes: Whether the secret changes.
        alerts_the_operator: Whether the operator gets an alert.
    """

    what: str
    heading: str
    status: int
    clicks: Clicks
    says: tuple[str, ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict)
    fault: tuple[str, Mapping[str, Any]] | None = None
    again: str = ""
    again_as: str = PERSON
    again_prompt: str = "select_account"
    names_the_credential: bool = True
    writes: bool = False
    alerts_the_operator: bool = False

    def __str__(self) -> str:
        return f"when {self.what}"

    @property
    def credential(self) -> str:
        """The name of the scene's credential."""
        return slug(self.what)
