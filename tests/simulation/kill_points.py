"""Every call of one refresh and of one consent, by name, and what follows when the process dies there."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tests.fakes.calls import Moment


class Journey(StrEnum):
    """What a process was about to do."""

    REFRESH = "refresh"
    CONSENT = "consent"
    OUTAGE = "refresh while Secrets Manager takes no tokens"
    SETTLING = "attempt after that"


class Fortune(StrEnum):
    """What becomes of the tokens, as the documentation says it."""

    NOTHING_BEGAN = "Nothing was spent. The next attempt begins anew."
    NOT_SENT = "The intent is on record and nothing was sent. After the lease the next attempt begins anew."
    IN_DOUBT = (
        "The answer died with the process. After the lease the next attempt presents the old token once more: Microsoft"
        " takes it; a strict provider revokes the sign-in, and the alert says what happened."
    )
    STORED = "The tokens are a pending successor. The next attempt promotes it, without asking the provider."
    ESCROWED = "The tokens are in escrow. The next attempt makes them current, without asking the provider."
    CURRENT = "The tokens are current. The next attempt records it, without asking the provider."
    UNSHOWN = "All is done but the tags of the secret, by which it shows its status. The next look sets them."
    RECORDED = "All is done; what is left of it is a message that is delivered once more, or a page that was not shown."
    SIGN_IN_AGAIN = "Nothing was changed. The person signs in once more, with the same link."
    SIGN_IN_LOST = "The code is used up and its tokens died with the process. The person signs in once more."


@dataclass(frozen=True)
class KillPoint:
    """One place to die.

    Attributes:
        journey: What was under way.
        call: The call, such as ``store.promote``.
        number: The how-many-eth call of that name it is.
        moment: Before the call, or after it took effect and before its answer.
        fortune: What follows.
    """

    journey: Journey
    call: str
    number: int
    moment: Moment
    fortune: Fortune

    @property
    def sentence(self) -> str:
        """The place, in words."""
        return f"{self.moment} {WORDS[self.call]}" + (" again" if self.number > 1 else "")


WORDS: Final = {
    "registry.get": "the entry is read",
    "registry.save": "the entry is written",
    "store.describe": "the labels are read",
    "store.read": "the document is read",
    "circuits.get": "the circuit is read",
    "authority.refresh": "the refresh token is presented",
    "authority.redeem": "the code is presented",
    "store.put_pending": "the tokens are stored as the pending successor",
    "store.promote": "the successor is promoted",
    "store.label": "the tags are set",
    "escrow.put": "the tokens are put into escrow",
    "escrow.of": "the escrow is read",
    "escrow.remove": "the escrow is emptied",
    "consents.take": "the state is taken",
    "consents.remember": "how it stands is remembered",
    "topic.publish": "people are told",
}
"""Each call as the documentation names it."""


def _both(journey: Journey, call: str, number: int, before: Fortune, after: Fortune) -> list[KillPoint]:
    return [KillPoint(journey, call, number, "before", before), KillPoint(journey, call, number, "after", after)]


_R, _C, _O, _S, _F = Journey.REFRESH, Journey.CONSENT, Journey.OUTAGE, Journey.SETTLING, Fortune

KILL_POINTS: Final = [
    *_both(_R, "registry.get", 1, _F.NOTHING_BEGAN, _F.NOTHING_BEGAN),
    *_both(_R, "store.describe", 1, _F.NOTHING_BEGAN, _F.NOTHING_BEGAN),
    *_both(_R, "store.read", 1, _F.NOTHING_BEGAN, _F.NOTHING_BEGAN),
    *_both(_R, "circuits.get", 1, _F.NOTHING_BEGAN, _F.NOTHING_BEGAN),
    *_both(_R, "registry.save", 1, _F.NOTHING_BEGAN, _F.NOT_SENT),
    *_both(_R, "authority.refresh", 1, _F.NOT_SENT, _F.IN_DOUBT),
    *_both(_R, "store.put_pending", 1, _F.IN_DOUBT, _F.STORED),
    *_both(_R, "store.promote", 1, _F.STORED, _F.CURRENT),
    *_both(_R, "registry.save", 2, _F.CURRENT, _F.UNSHOWN),
    *_both(_R, "store.label", 1, _F.UNSHOWN, _F.RECORDED),
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
    *_both(_C, "registry.save", 2, _F.CURRENT, _F.UNSHOWN),
    *_both(_C, "store.label", 1, _F.UNSHOWN, _F.RECORDED),
    *_both(_C, "consents.remember", 2, _F.RECORDED, _F.RECORDED),
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
    *_both(_S, "registry.save", 1, _F.CURRENT, _F.UNSHOWN),
    *_both(_S, "store.label", 1, _F.UNSHOWN, _F.RECORDED),
]
"""Every place where one refresh and one consent can die, in order; and the same of a refresh that needs the escrow.

Each begins with a secret that shows no status yet, or an old one: only then are its tags set.
The refresh in an outage is a refresh up to the write that fails, so only what follows is named again. The attempt
after it also looks for a stored successor, by the id that it would have, and finds none: that answer is an error.
"""


def points_of(journey: Journey) -> list[KillPoint]:
    """Return the kill points of a journey, in order."""
    return [point for point in KILL_POINTS if point.journey is journey]


def table(journey: Journey) -> str:
    """Return the rows of the documentation: it died here, this is what happens next."""
    rows = [f"| {point.sentence} | {point.fortune.value} |" for point in points_of(journey)]
    return "\n".join(["| it died | what follows |", "|---|---|", *rows])
