"""Every call of one refresh and of one consent, and what follows if the process dies there."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tests.fakes.calls import Moment


class Journey(StrEnum):
    """What the process was doing."""

    REFRESH = "first refresh"
    STEADY = "steady refresh"
    CONSENT = "consent"
    OUTAGE = "refresh while Secrets Manager takes no tokens"
    SETTLING = "attempt after that"


class Consequence(StrEnum):
    """What happens to the tokens next, in the words of the documentation."""

    NOTHING_BEGAN = "Nothing was spent. The next attempt starts again."
    NOT_SENT = "The registry entry has the intent, and nothing was sent. After the lease the next attempt starts again."
    IN_DOUBT = (
        "The answer was lost with the process. After the lease the next attempt presents the old token once more:"
        " Microsoft accepts it; a strict provider revokes the sign-in, and the alert says what happened."
    )
    STORED = "The tokens are in a pending successor. The next attempt promotes it, without a call to the provider."
    ESCROWED = "The tokens are in escrow. The next attempt makes them current, without a call to the provider."
    CURRENT = "The tokens are current. The next attempt updates the registry entry, without a call to the provider."
    TAGS_MISSING = "Only the status tags of the secret are missing. The next attempt sets them."
    DONE = "Everything is done. At most, a message is delivered once more, or the person did not see the page."
    SIGN_IN_AGAIN = "Nothing was changed. The person signs in once more, with the same link."
    SIGN_IN_LOST = "The code is spent and its tokens were lost with the process. The person signs in once more."


@dataclass(frozen=True)
class KillPoint:
    """One place where a process can die.

    Attributes:
        journey: What the process was doing.
        call: The call, such as ``store.promote``.
        number: The position of the call among those of the same name, from 1.
        moment: Before the call, or after its effect and before its answer.
        consequence: What follows.
    """

    journey: Journey
    call: str
    number: int
    moment: Moment
    consequence: Consequence

    @property
    def sentence(self) -> str:
        """The place, in words."""
        return f"{self.moment} {WORDS[self.call]}" + (" again" if self.number > 1 else "")


WORDS: Final = {
    "registry.get": "the entry is read",
    "registry.save": "the entry is written",
    "store.describe": "the staging labels are read",
    "store.current": "the current version is read",
    "store.read": "the document is read",
    "circuits.get": "the circuit is read",
    "authority.refresh": "the refresh token is presented",
    "authority.redeem": "the code is presented",
    "store.put_pending": "the tokens are stored as the pending successor",
    "store.promote": "the successor is promoted",
    "store.set_status_tags": "the status tags are set",
    "escrow.put": "the tokens are put into escrow",
    "escrow.of": "the escrow is read",
    "escrow.remove": "the escrow is deleted",
    "consents.take": "the state is taken",
    "consents.remember": "the state of the sign-in is stored",
    "topic.publish": "the alert is published",
}
"""Each call in the words of the documentation."""


def _both(journey: Journey, call: str, number: int, before: Consequence, after: Consequence) -> list[KillPoint]:
    return [KillPoint(journey, call, number, "before", before), KillPoint(journey, call, number, "after", after)]


_R, _C, _O, _S, _F = Journey.REFRESH, Journey.CONSENT, Journey.OUTAGE, Journey.SETTLING, Consequence
_T = Journey.STEADY

KILL_POINTS: Final = [
    *_both(_R, "registry.get", 1, _F.NOTHING_BEGAN, _F.NOTHING_BEGAN),
    *_both(_R, "store.describe", 1, _F.NOTHING_BEGAN, _F.NOTHING_BEGAN),
    *_both(_R, "store.read", 1, _F.NOTHING_BEGAN, _F.NOTHING_BEGAN),
    *_both(_R, "circuits.get", 1, _F.NOTHING_BEGAN, _F.NOTHING_BEGAN),
    *_both(_R, "registry.save", 1, _F.NOTHING_BEGAN, _F.NOT_SENT),
    *_both(_R, "authority.refresh", 1, _F.NOT_SENT, _F.IN_DOUBT),
    *_both(_R, "store.put_pending", 1, _F.IN_DOUBT, _F.STORED),
    *_both(_R, "store.promote", 1, _F.STORED, _F.CURRENT),
    *_both(_R, "registry.save", 2, _F.CURRENT, _F.TAGS_MISSING),
    *_both(_R, "store.set_status_tags", 1, _F.TAGS_MISSING, _F.DONE),
    *_both(_T, "registry.get", 1, _F.NOTHING_BEGAN, _F.NOTHING_BEGAN),
    *_both(_T, "store.current", 1, _F.NOTHING_BEGAN, _F.NOTHING_BEGAN),
    *_both(_T, "circuits.get", 1, _F.NOTHING_BEGAN, _F.NOTHING_BEGAN),
    *_both(_T, "registry.save", 1, _F.NOTHING_BEGAN, _F.NOT_SENT),
    *_both(_T, "authority.refresh", 1, _F.NOT_SENT, _F.IN_DOUBT),
    *_both(_T, "store.put_pending", 1, _F.IN_DOUBT, _F.STORED),
    *_both(_T, "store.promote", 1, _F.STORED, _F.CURRENT),
    *_both(_T, "registry.save", 2, _F.CURRENT, _F.DONE),
    *_both(_C, "consents.take", 1, _F.SIGN_IN_AGAIN, _F.SIGN_IN_AGAIN),
    *_both(_C, "consents.remember", 1, _F.SIGN_IN_AGAIN, _F.SIGN_IN_AGAIN),
    *_both(_C, "store.describe", 1, _F.SIGN_IN_AGAIN, _F.SIGN_IN_AGAIN),
    *_both(_C, "store.read", 1, _F.SIGN_IN_AGAIN, _F.SIGN_IN_AGAIN),
    *_both(_C, "registry.get", 1, _F.SIGN_IN_AGAIN, _F.SIGN_IN_AGAIN),
    *_both(_C, "registry.save", 1, _F.SIGN_IN_AGAIN, _F.SIGN_IN_AGAIN),
    *_both(_C, "authority.redeem", 1, _F.SIGN_IN_AGAIN, _F.SIGN_IN_LOST),
    *_both(_C, "store.put_pending", 1, _F.SIGN_IN_LOST, _F.STORED),
    *_both(_C, "store.promote", 1, _F.STORED, _F.CURRENT),
    *_both(_C, "registry.get", 2, _F.CURRENT, _F.CURRENT),
    *_both(_C, "topic.publish", 1, _F.CURRENT, _F.CURRENT),
    *_both(_C, "registry.save", 2, _F.CURRENT, _F.TAGS_MISSING),
    *_both(_C, "store.set_status_tags", 1, _F.TAGS_MISSING, _F.DONE),
    *_both(_C, "consents.remember", 2, _F.DONE, _F.DONE),
    *_both(_O, "escrow.put", 1, _F.IN_DOUBT, _F.ESCROWED),
    *_both(_O, "registry.save", 2, _F.ESCROWED, _F.ESCROWED),
    *_both(_S, "registry.get", 1, _F.ESCROWED, _F.ESCROWED),
    *_both(_S, "store.describe", 1, _F.ESCROWED, _F.ESCROWED),
    *_both(_S, "store.read", 1, _F.ESCROWED, _F.ESCROWED),
    *_both(_S, "escrow.of", 1, _F.ESCROWED, _F.ESCROWED),
    KillPoint(_S, "store.read", 2, "before", _F.ESCROWED),
    *_both(_S, "store.put_pending", 1, _F.ESCROWED, _F.STORED),
    *_both(_S, "store.promote", 1, _F.STORED, _F.CURRENT),
    *_both(_S, "escrow.remove", 1, _F.CURRENT, _F.CURRENT),
    *_both(_S, "registry.save", 1, _F.CURRENT, _F.TAGS_MISSING),
    *_both(_S, "store.set_status_tags", 1, _F.TAGS_MISSING, _F.DONE),
]
"""Every place where one refresh and one consent can die, in order, and where a refresh that needs the escrow can.

Each but the steady refresh begins with a secret without current status tags: only then are they set. In a process that
has looked at the circuit a moment ago, a steady refresh does not read it. A refresh in an outage makes the same
calls as any refresh up to the failing write, so only the calls after that are listed. The attempt after the outage also
reads a stored successor, by the id that it would have; there is none, so this call fails.
"""


def points_of(journey: Journey) -> list[KillPoint]:
    """Return the kill points of a journey, in order."""
    return [point for point in KILL_POINTS if point.journey is journey]


def table(journey: Journey) -> str:
    """Return the table of the documentation: where the process died, and what follows."""
    rows = [f"| {point.sentence} | {point.consequence.value} |" for point in points_of(journey)]
    return "\n".join(["| it died | what follows |", "|---|---|", *rows])
