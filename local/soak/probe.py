"""A probe that reads as pipelines do, all through a soak: how long each token that it read was still good."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from botocore.exceptions import ClientError

from token_refresher_client.reader import CONSUMER_PREFIX


@dataclass
class Reads:
    """What the probe has read.

    Attributes:
        promise_seconds: How long a token is to be good at least when it is read.
        seconds_left: How long each token was still good, negative if it had ended.
        older: How often a token was older than the one that was read before.
        mixed: How often a token came with other times than before.
    """

    promise_seconds: float
    seconds_left: list[float] = field(default_factory=list)
    older: int = 0
    mixed: int = 0

    @property
    def under_promise(self) -> int:
        """How often a token was good for less than was promised."""
        return sum(left < self.promise_seconds for left in self.seconds_left)

    @property
    def ended(self) -> int:
        """How often a token had ended."""
        return sum(left <= 0 for left in self.seconds_left)

    def sentence(self) -> str:
        """Return the distribution in words."""
        if len(self.seconds_left) < 2:  # noqa: PLR2004 - A distribution needs two.
            return "none"
        cuts = quantiles(self.seconds_left, n=20)
        return (
            f"{len(self.seconds_left):,}: worst {min(self.seconds_left):.0f} s left, 5 of 100 {cuts[0]:.0f} s,"
            f" half {cuts[9]:.0f} s; under the promise of {self.promise_seconds:.0f} s {self.under_promise},"
            f" ended {self.ended}, older than before {self.older}, mixed {self.mixed}"
        )


class Probe:
    """Reads the secrets for pipelines, one after the other, again and again.

    Args:
        secrets: Secrets Manager.
        names: What the credentials publish to.
        promise_seconds: How long a token is to be good at least when it is read.
    """

    def __init__(self, secrets: Any, names: Sequence[str], promise_seconds: float) -> None:
        self._secrets = secrets
        self._names = names
        self._last: dict[str, tuple[int, str]] = {}
        self._times: dict[str, tuple[str, str, int]] = {}
        self._promise_seconds = promise_seconds
        self.reads = Reads(promise_seconds)

    @contextmanager
    def running(self) -> Iterator[Reads]:
        """Read until the end of the block; yield what is read."""
        self.reads, stopped = Reads(self._promise_seconds), threading.Event()

        def run() -> None:
            while not stopped.is_set():
                for name in self._names:
                    self._read(name)

        thread = threading.Thread(target=run, name="probe")
        thread.start()
        try:
            yield self.reads
        finally:
            stopped.set()
            thread.join()

    def _read(self, name: str) -> None:
        try:
            text = self._secrets.get_secret_value(SecretId=f"{CONSUMER_PREFIX}/{name}")["SecretString"]
        except ClientError:
            return  # It was never published.
        document = json.loads(text)
        expires_at = document["expires_at_epoch"]
        self.reads.seconds_left.append(expires_at - time.time())
        seen = document["generation"], document["refreshed_at"]
        before = self._last.get(name, seen)
        self.reads.older += seen[0] < before[0] or seen[1] < before[1]
        self._last[name] = seen
        # Not by the generation: on the local AWS a second writer replaces a version of the same ID. AWS refuses that.
        times = document["refreshed_at"], document["expires_at"], expires_at
        self.reads.mixed += self._times.setdefault(document["access_token"], times) != times
