"""What a refresh does to the refresh token that it presents."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from token_refresher.providers.catalogue.entry import ProviderEntry, Reuse, TokenRotation


@dataclass(frozen=True)
class Kind:
    """A kind of provider.

    Attributes:
        name: Its name in the ids of tests.
        rotation: Whether the answer to a refresh has another refresh token; "sometimes" is every second time.
        reuse: What happens to a replaced one that is presented again.
        grace: How long it still works, for `Reuse.GRACE`.
    """

    name: str
    rotation: TokenRotation
    reuse: Reuse
    grace: timedelta = timedelta(0)

    MICROSOFT: ClassVar["Kind"]
    STRICT: ClassVar["Kind"]
    GRACEFUL: ClassVar["Kind"]
    NONE: ClassVar["Kind"]

    @classmethod
    def of(cls, entry: ProviderEntry) -> "Kind":
        """Return the kind of a provider of the catalogue; the worst, as far as that is not known."""
        facts = entry.refresh_token
        rotation, reuse = facts.rotation or TokenRotation.ALWAYS, facts.reuse or Reuse.REVOKES
        return cls(entry.name, rotation, reuse, facts.grace or timedelta(0))

    @property
    def rotates(self) -> bool:
        """Whether there is ever more than one refresh token."""
        return self.rotation is not TokenRotation.NEVER

    def replaces(self, uses: int) -> bool:
        """Tell whether the answer has another refresh token, after this many answers that had none."""
        return self.rotation is TokenRotation.ALWAYS or (self.rotation is TokenRotation.SOMETIMES and uses % 2 == 1)

    def accepts(self, replaced_at: datetime, now: datetime) -> bool:
        """Tell whether a replaced refresh token still works."""
        return self.reuse is Reuse.NOTHING or (self.reuse is Reuse.GRACE and now < replaced_at + self.grace)


Kind.MICROSOFT = Kind("microsoft", TokenRotation.ALWAYS, Reuse.NOTHING)
Kind.STRICT = Kind("strict", TokenRotation.ALWAYS, Reuse.REVOKES)
Kind.GRACEFUL = Kind("graceful", TokenRotation.ALWAYS, Reuse.GRACE, timedelta(minutes=10))
Kind.NONE = Kind("none", TokenRotation.NEVER, Reuse.NOTHING)

KINDS = (Kind.MICROSOFT, Kind.STRICT, Kind.GRACEFUL, Kind.NONE)
"""The kinds that the protocol is proved for; the entries of the catalogue are of them, or between them."""
