"""One way to one page."""

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
    """One way to one page.

    Attributes:
        what: What happens, as the end of a sentence that begins with "when".
        heading: The heading of the page.
        status: Its HTTP status.
        clicks: What the person does.
        says: What else is to be read there.
        document: What the operator wrote into the secret besides the usual.
        fault: What the stand-in for Microsoft is told to do, with its details.
        again: The button for a fresh start, if there is one; all ends well when it is pressed.
        again_as: Who signs in then.
        again_prompt: What Microsoft is asked for then.
        names_the_credential: Whether whoever sees the page may know which credential it is about.
        writes: Whether the secret is another one afterwards.
        tells_the_operator: Whether the operator is alerted.
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
    tells_the_operator: bool = False

    def __str__(self) -> str:
        return f"when {self.what}"

    @property
    def credential(self) -> str:
        """The name of the credential that it is about."""
        return slug(self.what)
