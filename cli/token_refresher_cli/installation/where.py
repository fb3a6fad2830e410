"""The stack that the operator chose, before anything is asked of AWS."""

from dataclasses import dataclass
from typing import Final

DEFAULT_STACK: Final = "token-refresher"


@dataclass(frozen=True)
class Where:
    """The stack that the operator chose; for ``None`` the choice of the AWS CLI is taken.

    Attributes:
        stack: The name of the stack.
        profile: A profile of the AWS configuration.
        region: A Region.
    """

    stack: str | None = None
    profile: str | None = None
    region: str | None = None

    def over(self, other: "Where") -> "Where":
        """Return these choices; another one fills the gaps."""
        return Where(self.stack or other.stack, self.profile or other.profile, self.region or other.region)
