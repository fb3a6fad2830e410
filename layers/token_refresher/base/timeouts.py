"""How long a call to a provider may take. `timing` needs the numbers without an HTTP library."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True)
class Timeouts:
    """How long to wait for a connection, and for each read of an answer.

    Attributes:
        connect: The limit for each address of a host.
        read: The limit for each read from the connection.
    """

    connect: timedelta
    read: timedelta

    @property
    def deadline(self) -> timedelta:
        """The longest time of one call: to connect, to get an answer, to read the body, and one more read.

        A host with many unreachable addresses, or a server that sends its headers byte by byte, can take longer:
        requests has no limit for these. Then the timeout of the function ends the call, and the next attempt finds the
        intent.
        """
        return self.connect + 3 * self.read


UNATTENDED: Final = Timeouts(connect=timedelta(seconds=4), read=timedelta(seconds=8))
"""For a refresh: just over TCP's first retransmission (RFC 6298), and several times what Microsoft needs."""

INTERACTIVE: Final = Timeouts(connect=timedelta(seconds=3), read=timedelta(seconds=4))
"""For a sign-in: a person waits, and API Gateway waits at most 30 seconds."""

CHECKING: Final = Timeouts(connect=timedelta(seconds=2), read=timedelta(seconds=2))
"""For an optional check."""
