"""``python -m local.soak``: random faults, then none, and in the end every credential has its newest token.

It deploys the real template on the local stack, and refreshes many credentials while AWS and the provider fail at
random. Which tokens were lost is read from the provider's journal.
"""

import argparse
import json
import random
import time
from collections import Counter

from rich.console import Console
from rich.text import Text

from local.soak.credentials import NOTE, Fleet, ManagedCredential
from local.soak.fault_schedule import FaultSchedule, Outage
from local.soak.faults import Fault, FaultKind, FaultyAws, behind, faulty_aws
from local.soak.lost_tokens import lost_tokens
from local.soak.probe import Probe
from local.soak.report import SoakReport
from local.stack.calm import no_ticks
from local.stack.poller import Poller, polling
from local.stack.ports import Ports
from local.stack.stack import running
from local.stack.toolchain import ROOT
from local.stack.waiting import eventually
from local.story.alerts import AlertInbox
from local.story.consumer import fingerprint
from token_refresher_cli.shell.terminal import plain_console

FOLDER = ROOT / "build" / "soak"

CONCURRENCY = 10
"""The default of the template."""

TICK_SECONDS = 3.0
TOKEN_LIFETIME_SECONDS = 24
"""A credential is due after half of that, so a soak refreshes each about twenty times."""

PROMISE_SECONDS = TOKEN_LIFETIME_SECONDS / 2 - 2 * TICK_SECONDS
"""What a pipeline is to find at least: a credential that is due waits for a tick, and its attempt takes as long."""

OUTAGE_SECONDS = 70.0
"""Longer than an invocation, so that a worker cannot store the tokens that it got during the outage."""

LONG_SECONDS = 150
"""A soak of this length has time for an outage, and for the recovery from it."""

ROTATIONS = ("strict", "microsoft", "strict", "none", "microsoft")

PARAMETERS = {
    # As in AWS, where a worker may spend some seconds before it has too little time left for an exchange.
    "RefreshTimeoutSeconds": "60",
    "QueueVisibilitySeconds": "102",
}


def main() -> int:
    """Run one soak; return 1 if a token was lost, or if a credential is not settled at the end."""
    parser = argparse.ArgumentParser(prog="python -m local.soak", description=__doc__)
    parser.add_argument("--credentials", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=240, help="for how long there are faults")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    options = parser.parse_args()
    console = plain_console()
    console.print(f"Seed {options.seed}: {options.credentials} credentials, {options.seconds} s of faults, then none.")
    with running(Ports.free(), console.print, PARAMETERS, more_ticks=False) as stack, no_ticks(stack.aws):
        functions = [stack.outputs["DispatchFunctionName"], stack.outputs["RefreshFunctionName"]]
        with faulty_aws(stack.ports.aws, stack.logs) as faulty, behind(faulty, stack, functions, CONCURRENCY):
            report = Soak(Fleet(stack), faulty, console).run(options.credentials, options.seconds, options.seed)
    report.write(FOLDER)
    for table in report.tables():
        console.print(table)
    for name, complaints in report.unsettled.items():
        console.print(Text.assemble(("✗", "red"), f" {name}: {', '.join(complaints)}"))
    console.print(f"The report is in {FOLDER.relative_to(ROOT)}.")
    return 0 if report.is_good else 1


class Soak:
    """One soak on a running stack."""

    def __init__(self, fleet: Fleet, faulty: FaultyAws, console: Console) -> None:
        self._fleet = fleet
        self._faulty = faulty
        self._console = console
        self._inbox = AlertInbox(fleet.stack.aws, fleet.stack.outputs["AlertTopicArn"], "soak-alerts")

    def run(self, count: int, seconds: int, seed: int) -> SoakReport:
        """Create credentials, inject faults for a while, and report the state of the credentials after that."""
        credentials = [
            self._fleet.put(
                f"soak-{number:02}",
                rotation=ROTATIONS[number % len(ROTATIONS)],
                lifetime_seconds=TOKEN_LIFETIME_SECONDS,
                publish_to=f"soak-{number:02}",
            )
            for number in range(count)
        ]
        names = [one.name for one in credentials]
        probe = Probe(self._fleet.stack.aws.client("secretsmanager"), names, PROMISE_SECONDS)
        schedule = FaultSchedule(self._fleet, credentials, self._faulty, seed, _outages(seconds))
        with polling(self._fleet.stack, CONCURRENCY) as poller:
            with self._fleet.ticking(TICK_SECONDS):
                self._expect_all_settled(credentials)
                self._console.print("All credentials are healthy. The faults begin.")
                with probe.running() as read_in_faults:
                    schedule.start()
                    time.sleep(seconds)
                    schedule.stop()
                self._console.print("The faults have ended. Waiting until every credential is settled.")
                quiet_since = time.monotonic()
                unsettled = self._unsettled_in_the_end(credentials)
                quiet_seconds = time.monotonic() - quiet_since
                with probe.running() as read_in_calm:
                    time.sleep(TOKEN_LIFETIME_SECONDS)
            eventually(poller.is_idle)
        complaints = {credential.name: self._complaints(credential) for credential in credentials}
        return SoakReport(
            seed=seed,
            credentials=dict(Counter(credential.rotation for credential in credentials)),
            fault_seconds=seconds,
            quiet_seconds=quiet_seconds,
            aws_faults=self._aws_faults(),
            provider_faults=self._provider_faults(credentials),
            deliveries=_deliveries(poller),
            dead_lettered=self._dead_lettered(),
            results=self._results(),
            alerts=self._alerts(),
            reads={"in faults": read_in_faults, "after them": read_in_calm},
            lost=[credential.name for credential in credentials for _ in self._lost(credential)],
            unsettled={name: found for name, found in complaints.items() if found or name in unsettled},
        )

    def _expect_all_settled(self, credentials: list[ManagedCredential]) -> None:
        if names := self._unsettled_in_the_end(credentials):
            raise RuntimeError(f"not healthy before the faults began: {', '.join(sorted(names))}")

    def _unsettled_in_the_end(self, credentials: list[ManagedCredential]) -> set[str]:
        """Wait until every credential has been settled once; return the names of those that never were.

        One that waits for the lease of an exchange in doubt is healthy, and its token may have ended.
        """
        waited_for = {credential.name: credential for credential in credentials}

        def all_settled() -> bool:
            for name, credential in list(waited_for.items()):
                if not self._complaints(credential) and self._fleet.published_seconds_left(credential) > 0:
                    del waited_for[name]
            return not waited_for

        eventually(all_settled)
        return set(waited_for)

    def _complaints(self, credential: ManagedCredential) -> list[str]:
        """Return what is wrong with a credential."""
        status = self._fleet.entry(credential).get("status")
        document = self._fleet.document(credential)
        checks = {
            f"its status is {status}": status != "healthy",
            "its newest token is not current": not self._fleet.keeps_the_newest_token(credential),
            "its grant was revoked for reuse": "reuse_detected" in self._fleet.outcomes(credential),
            "a pending version was never promoted": self._fleet.has_unfinished_version(credential),
            "a token is still in escrow": self._fleet.has_escrow(credential),
            "the operator's key was changed": document.get("note") != NOTE,
        }
        return [complaint for complaint, holds in checks.items() if holds]

    def _lost(self, credential: ManagedCredential) -> list[str]:
        journal = self._fleet.stack.identity_provider.journal(credential.client_id)
        return lost_tokens(journal, fingerprint(self._fleet.document(credential)["refresh_token"]))

    def _aws_faults(self) -> dict[str, dict[str, int]]:
        faults: dict[str, dict[str, int]] = {}
        for fault, count in self._faulty.counts().items():
            kinds = faults.setdefault(fault.operation, {})
            kinds[fault.kind] = kinds.get(fault.kind, 0) + count
        return faults

    def _provider_faults(self, credentials: list[ManagedCredential]) -> dict[str, int]:
        outcomes = Counter(outcome for credential in credentials for outcome in self._fleet.outcomes(credential))
        # Successful answers are no faults, and neither is the revocation that follows a lost token.
        return {outcome: times for outcome, times in outcomes.items() if outcome not in {"issued", "reuse_detected"}}

    def _dead_lettered(self) -> int:
        name = "ApproximateNumberOfMessages"
        queue = self._fleet.stack.outputs["RefreshDeadLetterQueueUrl"]
        sqs = self._fleet.stack.aws.client("sqs")
        return int(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[name])["Attributes"][name])

    def _alerts(self) -> dict[str, int]:
        self._inbox.collect()
        return dict(Counter(str(alert["event"]) for alert in self._inbox.received))

    def _results(self) -> dict[str, int]:
        """Return the results of the attempts, from the logs of the functions."""
        logs = self._fleet.stack.aws.client("logs")
        results: Counter[str] = Counter()
        for group in logs.get_paginator("describe_log_groups").paginate().search("logGroups[].logGroupName"):
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
                results.update(filter(None, (_result(event["message"]) for event in page["events"])))
        return dict(results)


def _outages(seconds: int) -> list[Outage]:
    """Return the outage of a long soak: for one credential in ten, the store refuses writes for over a minute."""
    if seconds < LONG_SECONDS:
        return []
    down = Fault(FaultKind.SERVER_ERROR, "secretsmanager", "PutSecretValue", "ends_with(SecretId, '2')")
    return [Outage(down, after_seconds=seconds / 4, lasts_seconds=OUTAGE_SECONDS)]


def _deliveries(poller: Poller) -> dict[str, int]:
    handled = [delivery.handled for delivery in poller.deliveries()]
    return {"handled": handled.count(True), "to come again": handled.count(False)}


def _result(message: str) -> str | None:
    """Return the result in a line of the log, or None if it has none."""
    try:
        line = json.loads(message)
    except ValueError:
        return None
    return line.get("result") if isinstance(line, dict) and line.get("message") == "credential" else None
