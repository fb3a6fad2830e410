"""The services around a fleet, as far as they set its limits: their latency, and the quota of Secrets Manager.

Sources: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html (50 calls a second of
`PutSecretValue` and `UpdateSecretVersionStage` together, for an account and Region).
"""

import random
from dataclasses import dataclass

from tests.fleets.weather import Weather

WRITES_PER_SECOND = 50
WRITES = 2
"""Writes of a refresh: the new version, and its promotion."""
CALLS = 6
"""Calls of AWS of a refresh, the two writes included."""
CALLS_IN_VAIN = 2
"""Calls of AWS for a message that finds nothing due: the entry, and the labels of the secret."""
CALLS_HELD_BACK = 5
"""Calls of AWS for a credential that the circuit holds back: also the document, the circuit, and the entry's write."""

_LONGEST_PAUSE = 20.0
"""In seconds. A call that is throttled is repeated with exponential backoff and full jitter, as botocore does."""


@dataclass(frozen=True)
class Latency:
    """How long calls take, in seconds.

    Attributes:
        aws: One call of AWS.
        microsoft: The median of one exchange; half of the others take up to a third longer or shorter.
        own: The processor time of a refresh.
    """

    aws: float = 0.020
    microsoft: float = 0.300
    own: float = 0.030

    def before_writes(self, rng: random.Random) -> float:
        """Return how long a refresh takes until its first write."""
        return self.own + self.aws * (CALLS - WRITES) + self.microsoft * rng.lognormvariate(0, 0.4)

    @property
    def in_vain(self) -> float:
        """How long a message takes that finds nothing due."""
        return self.aws * CALLS_IN_VAIN

    @property
    def held_back(self) -> float:
        """How long a message takes that the circuit holds back."""
        return self.own + self.aws * CALLS_HELD_BACK


class WriteQuota:
    """The quota of writes: a bucket that holds one second's calls, which neighbours share."""

    def __init__(self, per_second: float, weather: Weather) -> None:
        self._rate = per_second
        self._weather = weather
        self._level = per_second
        self._filled_at = 0.0
        self._made = 0
        self._throttled = 0

    def takes(self, now: float) -> bool:
        """Make one write; return whether it was made and not throttled."""
        free = max(self._rate - self._weather.writes_of_others(now), 0.0)
        self._level = min(self._rate, self._level + (now - self._filled_at) * free)
        self._filled_at = now
        if self._level < 1:
            self._throttled += 1
            return False
        self._level -= 1
        self._made += 1
        return True

    def taken(self) -> tuple[int, int]:
        """Return how many writes were made and throttled since the last call."""
        made, throttled = self._made, self._throttled
        self._made = self._throttled = 0
        return made, throttled


def pause(tries: int, rng: random.Random) -> float:
    """Return how long a throttled call waits before it is repeated, in seconds."""
    return rng.random() * min(_LONGEST_PAUSE, 2.0**tries)
