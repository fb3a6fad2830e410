"""The calls that a refresh and a consent make to AWS, with every fault of each."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import pytest
from _pytest.mark import ParameterSet

from local.soak.faults import Fault, FaultKind
from local.stack.warmth import AT_ONCE

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Call:
    """One call to AWS.

    Attributes:
        what: What the call does, in words.
        service: See `Fault.service`.
        operation: See `Fault.operation`.
        where: See `Fault.where`; ``{name}``, ``{secret}`` and ``{state}`` stand for those of the credential.
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
    "write the intent", "dynamodb", "PutItem", "Item.name.S == '{name}' && Item.intent.M.end.S == 'open'"
)
STORE: Final = Call("store the tokens", "secretsmanager", "PutSecretValue", "SecretId == '{secret}'")
PROMOTE: Final = Call("promote them", "secretsmanager", "UpdateSecretVersionStage", "SecretId == '{secret}'")
RECORD: Final = Call(
    # The first write of a new entry has no intent.
    "write the outcome",
    "dynamodb",
    "PutItem",
    "Item.name.S == '{name}' && Item.intent && Item.intent.M.end.S != 'open'",
)
ASK_CIRCUIT: Final = Call(
    "read the circuit",
    "dynamodb",
    "GetItem",
    "starts_with(not_null(Key.id.S, ''), 'circuit#')",
)
LABEL: Final = Call("set the status tags", "secretsmanager", "TagResource", "SecretId == '{secret}'")

BEGIN: Final = Call("store the sign-in", "dynamodb", "PutItem", "Item.invite.M.credential.S == '{name}'")
TAKE: Final = Call("take the state", "dynamodb", "DeleteItem", "ends_with(Key.id.S, '{state}')")
REMEMBER: Final = Call(
    "store the state of the sign-in", "dynamodb", "PutItem", "ends_with(not_null(Item.id.S, ''), '{state}')"
)
RECALL: Final = Call(
    "read how the sign-in ended", "dynamodb", "GetItem", "ends_with(not_null(Key.id.S, ''), '{state}')"
)
ANNOUNCE: Final = Call("publish the alert", "sns", "Publish", "contains(Message, '{name}\\\"')")


@dataclass(frozen=True)
class Case:
    """One call, how it fails, and whether once or always."""

    call: Call
    kind: FaultKind
    once: bool

    def __str__(self) -> str:
        return f"{self.call.what}: {self.kind} {'once' if self.once else 'always'}"

    @property
    def name(self) -> str:
        """The name of the credential of the case."""
        return str(self).replace(": ", "-").replace(" ", "-")

    @property
    def is_short(self) -> bool:
        """Whether it is in the short set: each call executed and not answered once, which is the hardest fault."""
        return self.kind is FaultKind.RESET_AFTER and self.once

    @property
    def times(self) -> int | None:
        """How many calls fail, or ``None`` for all."""
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
    # A read that always times out ends like one that is always refused, but takes twenty seconds.
    if once or kind is not FaultKind.TIMEOUT or call in _WRITES
)
"""Every call of a refresh with every fault: once, which botocore's retries absorb, and always."""

CONSENTS: Final = _slow_first(
    # Only for the storing of tokens do four timeouts matter: of the others, API Gateway gives up before.
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
"""Every call of a consent with every fault, and each write that is executed but not answered, and so repeated."""


def parameters(cases: Iterable[Case]) -> list[ParameterSet]:
    """Return cases as the parameters of a test."""
    return [pytest.param(case, id=str(case), marks=() if case.is_short else pytest.mark.exhaustive) for case in cases]


def chosen(request: pytest.FixtureRequest, test: Callable[..., None]) -> list[Any]:
    """Return the cases that this session has selected for a test, so that no others run."""
    runs = [item for item in request.session.items if isinstance(item, pytest.Function)]
    return [run.callspec.params["case"] for run in runs if run.originalname == test.__name__]


def all_at_once(*work: tuple[Callable[[Case], Seen], Iterable[Case]]) -> list[dict[Case, Future[Seen]]]:
    """Run cases concurrently; each future has the result or the exception."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [{case: pool.submit(run, case) for case in cases} for run, cases in work]
