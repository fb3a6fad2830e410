"""A situation in which people get a message, and the readers that several situations share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from token_refresher.alerts.alert import Alert


@dataclass(frozen=True)
class Situation:
    """One message, and how it comes about.

    Attributes:
        name: The name of its file.
        title: What has happened.
        reader: Who has to read the message, and when it is sent.
        play: Plays the situation, and returns the message.
    """

    name: str
    title: str
    reader: str
    play: Callable[[], Alert]


USER: Final = "The person who signs in for the credential; the operator passes it on."
OPERATOR: Final = "The operator, who keeps the secret."
EVERYBODY: Final = "Everybody who got the message before it."
