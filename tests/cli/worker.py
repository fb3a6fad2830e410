"""The refresh function behind the queue, as far as whoever asks for a refresh notices it."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.cli.desk import NOW, Desk
from tests.cli.rotating import rotate
from tests.fakes.failures import refused
from token_refresher.aws.registry_table import DynamoDbRegistry
from token_refresher.credential.document import Credential
from token_refresher.diagnosis.diagnosis import Diagnosis, diagnose
from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.outcome import LastRequest, Outcome, Result
from token_refresher_cli.shell import waiting

WRONG_SECRET = diagnose(refused(7000215, "invalid_client"))
REVOKED = diagnose(refused(50173))

Ending = Callable[[RefreshRequest], LastRequest | None]


class Worker:
    """Works while the command waits: each wait lets the time pass, and what is in the queue is answered.

    Attributes:
        accepts: The client secrets that Microsoft takes; ``None`` for any.
        script: How the next requests end, where not by a refresh; ``None`` for those that are never answered.
        asked: The credentials that a refresh was asked for, in their order.
    """

    def __init__(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOW
        self.accepts: set[str] | None = None
        self.script: deque[Ending] = deque()
        self.asked: list[str] = []
        self.refreshes = 0
        self._desk = desk
        desk.installation = replace(desk.installation, clock=lambda: self.now)
        session, environment = desk.installation.session, desk.installation.environment
        self._sqs = session.client("sqs")
        self._queue_url = environment["REFRESH_QUEUE_URL"]
        self.registry = DynamoDbRegistry(session.resource("dynamodb").Table(environment["CREDENTIALS_TABLE"]))
        monkeypatch.setattr(waiting, "sleep", self.sleep)

    def sleep(self, seconds: float) -> None:
        """Let the time pass, and answer what was asked."""
        self.now += timedelta(seconds=seconds)
        self.work()

    def work(self) -> None:
        """Take what is in the queue."""
        answer = self._sqs.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
            self._handle(RefreshRequest.parse(message["Body"]))

    def ends(self, result: Result, diagnosis: Diagnosis | None = None, **changes: Any) -> None:
        """Let the next request end in this way; the changes are to the entry."""

        def ending(request: RefreshRequest) -> LastRequest:
            self.registry.save(replace(self._entry(request), **changes))
            return self._answer(request, result, diagnosis, self._document(request).expires_at)

        self.script.append(ending)

    def stays_silent(self) -> None:
        """Let the next request find nobody."""
        self.script.append(lambda _: None)

    def _handle(self, request: RefreshRequest) -> None:
        self.asked.append(request.credential)
        answer = self.script.popleft()(request) if self.script else self._refreshed(request)
        if answer is not None:
            self.registry.save(self._entry(request).answered(answer))

    def _refreshed(self, request: RefreshRequest) -> LastRequest | None:
        before = self._document(request)
        if self._entry(request).is_paused:
            return self._answer(request, Result.PAUSED)
        secrets = [secret.reveal() for secret in (before.client_secret, before.previous_client_secret) if secret]
        taken = [secret for secret in secrets if self.accepts is None or secret in self.accepts]
        if secrets and not taken:
            return self._answer(request, Result.NEEDS_A_PERSON, WRONG_SECRET, before.expires_at)
        self.refreshes += 1
        rotate(self._desk, request.credential, self.refreshes)
        after = self._document(request)
        used_previous = bool(secrets) and taken[0] != secrets[0]
        answer = self._answer(request, Result.REFRESHED, None, after.expires_at)
        outcome = replace(
            answer.outcome,
            presented=before.fingerprint,
            issued=after.fingerprint,
            used_previous_client_secret=used_previous,
        )
        return replace(answer, outcome=outcome)

    def _answer(
        self,
        request: RefreshRequest,
        result: Result,
        diagnosis: Diagnosis | None = None,
        expires_at: datetime | None = None,
    ) -> LastRequest:
        outcome = Outcome(request.credential, result, diagnosis, expires_at, request_id=request.request_id)
        return LastRequest(self.now, outcome)

    def _entry(self, request: RefreshRequest) -> RegistryEntry:
        known = self.registry.get(request.credential)
        return known or RegistryEntry.discovered(request.credential, request.version_id, self.now)

    def _document(self, request: RefreshRequest) -> Credential:
        store = self._desk.installation.store
        return Credential.parse(store.read(request.credential, store.describe(request.credential).require_current()))


TOKENS = {
    "refresh_token": "planted-refresh-token-0",
    "access_token": "planted-access-token-0",
    "expires_at": "2026-11-22T09:30:00Z",
    "refreshed_at": "2026-11-22T08:30:00Z",
    "refresh_token_issued_at": "2026-11-22T08:30:00Z",
}
"""What a credential holds that was refreshed half an hour ago."""
