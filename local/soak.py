"""``python -m local.soak``: many credentials in bad weather, then quiet, and every one of them has its newest token.

The real template on the local stack, random faults of AWS and of the provider, many credentials side by side. What is
lost is told by the provider's journal and not by what we believe.
"""

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from local.alerts import AlertInbox
from local.calm import no_ticks
from local.consumer import fingerprint
from local.estate import NOTE, Estate, Holding
from local.faults import Fault, FaultKind, FaultyAws, behind, faulty_aws
from local.lineage import lost_tokens
from local.patience import eventually
from local.poller import Poller, polling
from local.ports import Ports
from local.soak_report import SoakReport
from local.stack import running
from local.toolchain import ROOT
from local.weather import Outage, Weather

FOLDER = ROOT / "build" / "soak"

CONCURRENCY = 10
"""As many as the template allows by default."""

TICK_SECONDS = 3.0
TOKEN_LIFETIME_SECONDS = 24
"""A credential is due after half of that: some twenty refreshes of each in the time of a soak."""

PATIENCE_SECONDS = 180.0
"""A message that was not handled comes again after a minute, and a failure of the provider after half of one."""

OUTAGE_SECONDS = 70.0
"""Longer than an invocation: what was exchanged during it cannot be stored by whoever holds it."""

LONG_SECONDS = 150
"""From here on there is time for an outage, and for what it leaves behind."""

ROTATIONS = ("strict", "microsoft", "strict", "none", "microsoft")

PARAMETERS = {
    # As in AWS, where some seconds may go by before an exchange is given up for lack of time.
    "RefreshTimeoutSeconds": "60",
    "QueueVisibilitySeconds": "61",
}


def main() -> int:
    """Run one soak; return 1 if a token was lost, or if anything is not settled at the end."""
    parser = argparse.ArgumentParser(prog="python -m local.soak", description=__doc__)
    parser.add_argument("--credentials", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=240, help="for how long there are faults")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    options = parser.parse_args()
    console = Console()
    console.print(f"Seed {options.seed}: {options.credentials} credentials, {options.seconds} s of faults, then quiet.")
    with running(Ports.free(), console.print, PARAMETERS, more_ticks=False) as stack, no_ticks(stack.aws):
        functions = [stack.outputs["DispatchFunctionName"], stack.outputs["RefreshFunctionName"]]
        with faulty_aws(stack.ports.aws, stack.logs) as faulty, behind(faulty, stack.aws, functions):
            report = Soak(Estate(stack), faulty, console).run(options.credentials, options.seconds, options.seed)
    report.write(FOLDER)
    for table in report.tables():
        console.print(table)
    for name, complaints in report.unsettled.items():
        console.print(f"[red]✗[/] {name}: {', '.join(complaints)}", highlight=False)
    console.print(f"The report is in {FOLDER.relative_to(ROOT)}.")
    return 0 if report.is_good else 1


class Soak:
    """One soak on a running stack."""

    def __init__(self, estate: Estate, faulty: FaultyAws, console: Console) -> None:
        self._estate = estate
        self._faulty = faulty
        self._console = console
        self._inbox = AlertInbox(estate.stack.aws, estate.stack.outputs["AlertTopicArn"], "soak-alerts")

    def run(self, credentials: int, seconds: int, seed: int) -> SoakReport:
        """Put credentials, let the weather be bad for a while, and see what is left of them."""
        holdings = [
            self._estate.put(
                f"soak-{number:02}",
                rotation=ROTATIONS[number % len(ROTATIONS)],
                lifetime_seconds=TOKEN_LIFETIME_SECONDS,
            )
            for number in range(credentials)
        ]
        weather = Weather(self._estate, holdings, self._faulty, seed, _outages(seconds))
        with polling(self._estate.stack, CONCURRENCY) as poller:
            with ticking(self._estate):
                self._expect_all_settled(holdings)
                self._console.print("All are healthy; the weather turns bad.")
                weather.begin()
                time.sleep(seconds)
                weather.clear_up()
                self._console.print("Quiet.")
                quiet_since = time.monotonic()
                unsettled = self._unsettled_in_the_end(holdings)
                quiet_seconds = time.monotonic() - quiet_since
            eventually(lambda: poller.is_idle() or None, PATIENCE_SECONDS)
        complaints = {holding.name: self._complaints(holding) for holding in holdings}
        return SoakReport(
            seed=seed,
            credentials=dict(Counter(holding.rotation for holding in holdings)),
            bad_weather_seconds=seconds,
            quiet_seconds=quiet_seconds,
            aws_faults=self._aws_faults(),
            provider_faults=self._provider_faults(holdings),
            deliveries=_deliveries(poller),
            put_aside=self._put_aside(),
            results=self._results(),
            alerts=self._alerts(),
            lost=[holding.name for holding in holdings for _ in self._lost(holding)],
            unsettled={name: found for name, found in complaints.items() if found or name in unsettled},
        )

    def _expect_all_settled(self, holdings: list[Holding]) -> None:
        if names := self._unsettled_in_the_end(holdings):
            raise RuntimeError(f"not healthy before anything was done to them: {', '.join(sorted(names))}")

    def _unsettled_in_the_end(self, holdings: list[Holding]) -> set[str]:
        """Wait until every credential was seen settled; return the names of those that were not."""
        waited_for = {holding.name: holding for holding in holdings}

        def look() -> bool | None:
            for name, holding in list(waited_for.items()):
                if not self._complaints(holding):
                    del waited_for[name]
            return None if waited_for else True

        eventually(look, PATIENCE_SECONDS)
        return set(waited_for)

    def _complaints(self, holding: Holding) -> list[str]:
        """Return what is not as it should be with a credential."""
        status = self._estate.entry(holding).get("status")
        document = self._estate.document(holding)
        checks = {
            f"its status is {status}": status != "healthy",
            "its newest token is not the current one": not self._estate.keeps_the_newest_token(holding),
            "its grant was revoked for reuse": "reuse_detected" in self._estate.outcomes(holding),
            "a version was stored and never promoted": self._estate.has_unfinished_version(holding),
            "a token is still in escrow": self._estate.has_escrow(holding),
            "the operator's note is gone": document.get("note") != NOTE,
        }
        return [complaint for complaint, holds in checks.items() if holds]

    def _lost(self, holding: Holding) -> list[str]:
        journal = self._estate.stack.identity_provider.journal(holding.client_id)
        return lost_tokens(journal, fingerprint(self._estate.document(holding)["refresh_token"]))

    def _aws_faults(self) -> dict[str, dict[str, int]]:
        faults: dict[str, dict[str, int]] = {}
        for fault, count in self._faulty.counts().items():
            kinds = faults.setdefault(fault.operation, {})
            kinds[fault.kind] = kinds.get(fault.kind, 0) + count
        return faults

    def _provider_faults(self, holdings: list[Holding]) -> dict[str, int]:
        outcomes = Counter(outcome for holding in holdings for outcome in self._estate.outcomes(holding))
        # What is good, and what is a refusal that a loss has earned.
        return {outcome: times for outcome, times in outcomes.items() if outcome not in {"issued", "reuse_detected"}}

    def _put_aside(self) -> int:
        name = "ApproximateNumberOfMessages"
        queue = self._estate.stack.outputs["RefreshDeadLetterQueueUrl"]
        sqs = self._estate.stack.aws.client("sqs")
        return int(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[name])["Attributes"][name])

    def _alerts(self) -> dict[str, int]:
        self._inbox.collect()
        return dict(Counter(str(alert["event"]) for alert in self._inbox.received))

    def _results(self) -> dict[str, int]:
        """Return how the looks at credentials ended, by the log of the functions."""
        logs = self._estate.stack.aws.client("logs")
        results: Counter[str] = Counter()
        for group in logs.get_paginator("describe_log_groups").paginate().search("logGroups[].logGroupName"):
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
                results.update(filter(None, (_result(event["message"]) for event in page["events"])))
        return dict(results)


@contextmanager
def ticking(estate: Estate) -> Iterator[None]:
    """Let dispatch run every few seconds, whatever becomes of it."""
    stopped = threading.Event()

    def run() -> None:
        while not stopped.wait(TICK_SECONDS):
            estate.tick()

    thread = threading.Thread(target=run, name="ticks")
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _outages(seconds: int) -> list[Outage]:
    """Return the outage of a long soak: for one credential in ten, the store takes nothing for over a minute."""
    if seconds < LONG_SECONDS:
        return []
    down = Fault(FaultKind.SERVER_ERROR, "secretsmanager", "PutSecretValue", "ends_with(SecretId, '2')")
    return [Outage(down, after_seconds=seconds / 4, lasts_seconds=OUTAGE_SECONDS)]


def _deliveries(poller: Poller) -> dict[str, int]:
    handled = [delivery.handled for delivery in poller.deliveries()]
    return {"handled": handled.count(True), "to come again": handled.count(False)}


def _result(message: str) -> str | None:
    """Return the result that a line of the log tells of, if it is such a line."""
    try:
        line = json.loads(message)
    except ValueError:
        return None
    return line.get("result") if isinstance(line, dict) and line.get("message") == "credential" else None


if __name__ == "__main__":
    sys.exit(main())
