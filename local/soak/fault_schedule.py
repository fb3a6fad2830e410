"""Injects random faults of AWS and of the provider until it is stopped."""

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from local.soak.credentials import Fleet, ManagedCredential
from local.soak.faults import Fault, FaultKind, FaultyAws

PERIOD_SECONDS: Final = 5.0
"""How long one random set of faults lasts."""

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
"""The calls of dispatch and refresh."""

_LIKELIHOOD: Final = {
    FaultKind.THROTTLED: 0.04,
    FaultKind.SERVER_ERROR: 0.03,
    FaultKind.TIMEOUT: 0.005,
    FaultKind.RESET_BEFORE: 0.025,
    FaultKind.RESET_AFTER: 0.025,
}
"""The mean probability of each fault of a call. A timeout holds a worker for seconds, so there are few."""

_BEFORE_THE_GRANT: Final = ("server_error", "throttle", "temporarily_unavailable", "empty", "no_access_token")
_AFTER_THE_GRANT: Final = ("drop_after_rotating", "hang")
"""The answer is lost on the way. Under strict rotation the provider then revokes the grant, by design."""

_SECONDS: Final = {"hang": 9, "throttle": 2}
"""Of a hang: longer than an exchange waits. Of throttling: the Retry-After."""

_PROVIDER_FAULTS_A_PERIOD: Final = 0.06
"""For which part of the credentials the provider gets a new fault in each period."""


@dataclass(frozen=True)
class Outage:
    """A fault that lasts for many periods.

    Attributes:
        fault: The fault.
        after_seconds: When it begins, after the start.
        lasts_seconds: How long it lasts.
    """

    fault: Fault
    after_seconds: float
    lasts_seconds: float

    def is_on(self, seconds: float) -> bool:
        """Return whether the outage is on, this many seconds after the start."""
        return self.after_seconds <= seconds < self.after_seconds + self.lasts_seconds


class FaultSchedule:
    """Draws faults in the background until it is stopped.

    Only the seed decides which faults are drawn. Which calls of which credentials they hit depends on the scheduling
    of this machine.

    Args:
        fleet: The fleet.
        credentials: The credentials for which the provider may fail.
        faulty: The proxy in front of AWS.
        seed: The seed of all draws.
        outages: The outages beside the drawn faults.
    """

    def __init__(
        self,
        fleet: Fleet,
        credentials: Sequence[ManagedCredential],
        faulty: FaultyAws,
        seed: int,
        outages: Sequence[Outage] = (),
    ) -> None:
        self._fleet = fleet
        self._credentials = credentials
        self._faulty = faulty
        self._outages = outages
        self._random = random.Random(seed)  # noqa: S311 - It must be repeatable, and protects nothing.
        self._stopped = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="fault-schedule")

    def start(self) -> None:
        """Start to inject faults."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and clear the faults that have not happened yet. Raise the error that ended the schedule, if any."""
        self._stopped.set()
        self._thread.join()
        if self._failure:
            raise self._failure
        self._faulty.clear()
        for credential in self._credentials:
            self._fleet.stack.identity_provider.behave(credential.client_id)

    def _run(self) -> None:
        begun = time.monotonic()
        try:
            while not self._stopped.is_set():
                seconds = time.monotonic() - begun
                lasting = [outage.fault for outage in self._outages if outage.is_on(seconds)]
                self._faulty.clear()
                self._faulty.inject(*lasting, *self._draw())
                self._inject_provider_faults()
                self._stopped.wait(PERIOD_SECONDS)
        except BaseException as error:  # noqa: BLE001 - `stop` raises it in the thread of the caller.
            self._failure = error

    def _draw(self) -> list[Fault]:
        """Return a fault of each kind for each call, with a probability from zero to twice the mean."""
        return [
            Fault(kind, service, operation, probability=round(likelihood * 2 * self._random.random(), 3))
            for service, operation in _CALLS
            for kind, likelihood in _LIKELIHOOD.items()
        ]

    def _inject_provider_faults(self) -> None:
        provider = self._fleet.stack.identity_provider
        for credential in self._credentials:
            if self._random.random() >= _PROVIDER_FAULTS_A_PERIOD:
                continue
            kinds = _BEFORE_THE_GRANT + (() if credential.rotation == "strict" else _AFTER_THE_GRANT)
            fault = self._random.choice(kinds)
            # One fault at a time: each failure in a row doubles the pause, and a soak cannot wait for hours.
            provider.behave(credential.client_id)
            provider.fault(credential.client_id, fault, times=1, seconds=_SECONDS.get(fault, 1))
