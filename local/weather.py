"""Bad weather: faults of AWS and of the provider, drawn at random, for as long as it lasts."""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from local.estate import Estate, Holding
from local.faults import Fault, FaultKind, FaultyAws

SPELL_SECONDS: Final = 5.0
"""How long one draw of faults stays."""

_CALLS: Final = (
    ("dynamodb", "GetItem"),
    ("dynamodb", "PutItem"),
    ("dynamodb", "Scan"),
    ("dynamodb", "Query"),
    ("secretsmanager", "ListSecrets"),
    ("secretsmanager", "DescribeSecret"),
    ("secretsmanager", "GetSecretValue"),
    ("secretsmanager", "PutSecretValue"),
    ("secretsmanager", "UpdateSecretVersionStage"),
    ("secretsmanager", "TagResource"),
    ("sns", "Publish"),
    ("sqs", "SendMessageBatch"),
)
"""What dispatch and refresh ask of AWS."""

_LIKELIHOOD: Final = {
    FaultKind.THROTTLED: 0.04,
    FaultKind.SERVER_ERROR: 0.03,
    FaultKind.TIMEOUT: 0.005,
    FaultKind.RESET_BEFORE: 0.025,
    FaultKind.RESET_AFTER: 0.025,
}
"""How likely each fault of one call is on average. A timeout holds a worker for seconds, so there are few."""

_BEFORE_THE_GRANT: Final = ("server_error", "throttle", "temporarily_unavailable", "empty", "no_access_token")
_AFTER_THE_GRANT: Final = ("drop_after_rotating", "hang")
"""Nobody can keep an answer that never came: under strict rotation these end a grant, by the provider's design."""

_SECONDS: Final = {"hang": 9, "throttle": 2}
"""Longer than an exchange waits; and a Retry-After."""

_PROVIDER_FAULTS_A_SPELL: Final = 0.06
"""For what part of the credentials the provider misbehaves anew in each spell."""


@dataclass(frozen=True)
class Outage:
    """A fault that stays for many spells.

    Attributes:
        fault: The fault.
        after_seconds: How long after the beginning it comes.
        lasts_seconds: How long it stays.
    """

    fault: Fault
    after_seconds: float
    lasts_seconds: float

    def is_there(self, seconds: float) -> bool:
        """Tell whether it is there so many seconds after the beginning."""
        return self.after_seconds <= seconds < self.after_seconds + self.lasts_seconds


class Weather:
    """Draws faults in the background until it is stopped.

    What is drawn depends on the seed alone. Which call of which credential it hits is up to the scheduler of this
    machine, as it is in the world.

    Args:
        estate: Whose credentials.
        holdings: Those of them that the provider may misbehave for.
        faulty: The proxy in front of AWS.
        seed: The seed of all draws.
        outages: What comes beside what is drawn.
    """

    def __init__(
        self,
        estate: Estate,
        holdings: Sequence[Holding],
        faulty: FaultyAws,
        seed: int,
        outages: Sequence[Outage] = (),
    ) -> None:
        self._estate = estate
        self._holdings = holdings
        self._faulty = faulty
        self._outages = outages
        self._random = random.Random(seed)  # noqa: S311 - It has to be repeatable, and guards nothing.
        self._stopped = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="weather")
        self.ordered_of_the_provider: Counter[str] = Counter()

    def begin(self) -> None:
        """Let it begin."""
        self._thread.start()

    def clear_up(self) -> None:
        """Let it end: no more faults, and none that was drawn and has not happened yet."""
        self._stopped.set()
        self._thread.join()
        if self._failure:
            raise self._failure
        self._faulty.clear()
        for holding in self._holdings:
            self._estate.stack.identity_provider.behave(holding.client_id)

    def _run(self) -> None:
        begun = time.monotonic()
        try:
            while not self._stopped.is_set():
                seconds = time.monotonic() - begun
                lasting = [outage.fault for outage in self._outages if outage.is_there(seconds)]
                self._faulty.clear()
                self._faulty.inject(*lasting, *self._draw())
                self._upset_the_provider()
                self._stopped.wait(SPELL_SECONDS)
        except BaseException as error:  # noqa: BLE001 - Whatever it is, it is raised where somebody hears it.
            self._failure = error

    def _draw(self) -> list[Fault]:
        """Return a fault of each kind for each call, some of them twice as likely as on average, some not at all."""
        return [
            Fault(kind, service, operation, probability=round(likelihood * 2 * self._random.random(), 3))
            for service, operation in _CALLS
            for kind, likelihood in _LIKELIHOOD.items()
        ]

    def _upset_the_provider(self) -> None:
        provider = self._estate.stack.identity_provider
        for holding in self._holdings:
            if self._random.random() >= _PROVIDER_FAULTS_A_SPELL:
                continue
            kinds = _BEFORE_THE_GRANT + (() if holding.rotation == "strict" else _AFTER_THE_GRANT)
            fault = self._random.choice(kinds)
            # One at a time: each failure in a row doubles the pause, and a soak has no hours to wait.
            provider.behave(holding.client_id)
            provider.fault(holding.client_id, fault, times=1, seconds=_SECONDS.get(fault, 1))
            self.ordered_of_the_provider[fault] += 1
