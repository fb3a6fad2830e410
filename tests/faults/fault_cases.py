"""The calls that a refresh and a consent make to AWS, and what can become of each."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

from local.faults import Fault, FaultKind

Seen = TypeVar("Seen")

WORKERS: Final = 12
"""How many cases run at the same time. Most of their time is spent waiting for what does not answer."""


@dataclass(frozen=True)
class Call:
    """One call to AWS.

    Attributes:
        what: What it is for, in words.
        service: As `Fault.service`.
        operation: As `Fault.operation`.
        where: As `Fault.where`, with ``{name}``, ``{secret}`` and ``{state}`` for those of the credential.
    """

    what: str
    service: str
    operation: str
    where: str

    def fault(self, kind: FaultKind, times: int | None, **names: str) -> Fault:
        """Return a fault of this call, for one credential."""
        return Fault(kind, self.service, self.operation, self.where.format(**names), times)


READ_ENTRY: Final = Call("read the entry", "dynamodb", "GetItem", "Key.name.S == '{name}'")
DESCRIBE: Final = Call("describe the secret", "secretsmanager", "DescribeSecret", "SecretId == '{secret}'")
READ: Final = Call("read the secret", "secretsmanager", "GetSecretValue", "SecretId == '{secret}'")
RECORD_INTENT: Final = Call(
    "record the intent", "dynamodb", "PutItem", "Item.name.S == '{name}' && Item.intent.M.end.S == 'open'"
)
STORE: Final = Call("store the tokens", "secretsmanager", "PutSecretValue", "SecretId == '{secret}'")
PROMOTE: Final = Call("promote them", "secretsmanager", "UpdateSecretVersionStage", "SecretId == '{secret}'")
RECORD: Final = Call(
    "record the end", "dynamodb", "PutItem", "Item.name.S == '{name}' && Item.intent.M.end.S != 'open'"
)
ASK_CIRCUIT: Final = Call(
    "ask the circuit",
    "dynamodb",
    "GetItem",
    "starts_with(not_null(Key.id.S, ''), 'circuit#')",
)
LABEL: Final = Call("show the status", "secretsmanager", "TagResource", "SecretId == '{secret}'")

BEGIN: Final = Call("remember the sign-in", "dynamodb", "PutItem", "Item.invite.M.credential.S == '{name}'")
TAKE: Final = Call("take the state", "dynamodb", "DeleteItem", "ends_with(Key.id.S, '{state}')")
REMEMBER: Final = Call("remember how it stands", "dynamodb", "PutItem", "ends_with(not_null(Item.id.S, ''), '{state}')")
RECALL: Final = Call("recall how it ended", "dynamodb", "GetItem", "ends_with(not_null(Key.id.S, ''), '{state}')")
ANNOUNCE: Final = Call("announce it", "sns", "Publish", "contains(Message, '{name}\\\"')")


@dataclass(frozen=True)
class Case:
    """One call, what becomes of it, and for how long."""

    call: Call
    kind: FaultKind
    once: bool

    def __str__(self) -> str:
        return f"{self.call.what}: {self.kind} {'once' if self.once else 'all along'}"

    @property
    def name(self) -> str:
        """The name of the credential that the case is about."""
        return str(self).replace(": ", "-").replace(" ", "-")

    @property
    def times(self) -> int | None:
        """How many calls are to fail."""
        return 1 if self.once else None

    def fault(self, **names: str) -> Fault:
        """Return the fault of this case, for its credential."""
        return self.call.fault(self.kind, self.times, **names)


def _slow_first(cases: Iterable[Case]) -> list[Case]:
    return sorted(cases, key=lambda case: (case.once, case.kind is not FaultKind.TIMEOUT))


_WRITES: Final = frozenset({RECORD_INTENT, STORE, PROMOTE, RECORD, LABEL})

REFRESHES: Final = _slow_first(
    Case(call, kind, once)
    for call in (READ_ENTRY, DESCRIBE, READ, RECORD_INTENT, STORE, PROMOTE, RECORD, LABEL)
    for kind in FaultKind
    for once in (False, True)
    # A read that is never answered ends like one that is never served, and takes twenty seconds to do it.
    if once or kind is not FaultKind.TIMEOUT or call in _WRITES
)
"""Every call of a refresh with every fault: once, which the retries of botocore get over, and all along."""

CONSENTS: Final = _slow_first(
    # Nobody waits for four timeouts of anything but the tokens: API Gateway gives up before.
    Case(call, kind, once=kind is FaultKind.TIMEOUT and call not in {STORE, PROMOTE})
    for call in (
        *(BEGIN, TAKE, DESCRIBE, READ, READ_ENTRY, RECORD_INTENT),
        *(STORE, PROMOTE, ANNOUNCE, RECORD, LABEL, REMEMBER, RECALL),
    )
    for kind in FaultKind
) + [
    Case(call, FaultKind.RESET_AFTER, once=True)
    for call in (BEGIN, TAKE, STORE, PROMOTE, ANNOUNCE, RECORD, LABEL, REMEMBER)
]
"""Every call of a consent with every fault; and each write that took effect and is repeated."""


def all_at_once(*work: tuple[Callable[[Case], Seen], Iterable[Case]]) -> list[dict[Case, Future[Seen]]]:
    """Run cases side by side; what each returned or raised is in its future."""
    with ThreadPoolExecutor(WORKERS) as pool:
        return [{case: pool.submit(run, case) for case in cases} for run, cases in work]
