"""Secrets Manager in memory as a reader sees it, and the documents that it reads."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from botocore.exceptions import ClientError

NOON: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONSUMER: Final = "token-refresher-consumers/acme-ads"
OPERATOR: Final = "token-refresher/acme-ads"


class ManualClock:
    """Shows the time that it was set to."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


class FakeSecrets:
    """The two calls of the client that a reader makes, on secrets in memory.

    Attributes:
        calls: How often each call was made.
        refusals: What a read of a secret raises.
        before_read: Called in each read, outside of any lock.
    """

    def __init__(self, clock: Callable[[], datetime] = ManualClock()) -> None:  # noqa: B008 - It never moves.
        self.calls: Counter[str] = Counter()
        self.refusals: dict[str, Exception] = {}
        self.before_read: Callable[[], None] = lambda: None
        self._clock = clock
        self._lock = threading.Lock()
        self._values: dict[str, tuple[str, str, datetime]] = {}
        self._tags: dict[str, Mapping[str, str]] = {}
        self._versions = 0

    def put(self, secret_id: str, text: str, /, **tags: str) -> None:
        """Write the next version of a secret, and create it if there is none."""
        self._versions += 1
        self._values[secret_id] = text, f"version-{self._versions}", self._clock()
        self.tag(secret_id, **tags)

    def tag(self, secret_id: str, **tags: str) -> None:
        """Set status tags of a secret."""
        self._tags[secret_id] = {
            **self._tags.get(secret_id, {}),
            **{f"token-refresher:{k}": v for k, v in tags.items()},
        }

    def remove(self, secret_id: str) -> None:
        """Delete a secret at once."""
        del self._values[secret_id]

    def get_secret_value(self, *, SecretId: str, VersionStage: str) -> Mapping[str, Any]:  # noqa: N803 - Of AWS.
        """See boto3."""
        assert VersionStage == "AWSCURRENT"
        with self._lock:
            self.calls["GetSecretValue"] += 1
        self.before_read()
        if SecretId in self.refusals:
            raise self.refusals[SecretId]
        if SecretId not in self._values:
            raise refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        text, version, created = self._values[SecretId]
        return {"ARN": arn(SecretId), "VersionId": version, "CreatedDate": created, "SecretString": text}

    def describe_secret(self, *, SecretId: str) -> Mapping[str, Any]:  # noqa: N803 - Of AWS.
        """See boto3."""
        with self._lock:
            self.calls["DescribeSecret"] += 1
        if SecretId in self.refusals:
            raise self.refusals[SecretId]
        return {"Tags": [{"Key": key, "Value": value} for key, value in self._tags.get(SecretId, {}).items()]}

    @property
    def reads(self) -> int:
        """How often a value was read."""
        return self.calls["GetSecretValue"]


def arn(name: str) -> str:
    """Return the ARN of a secret."""
    return name if name.startswith("arn:") else f"arn:aws:secretsmanager:eu-west-1:111122223333:secret:{name}-a1B2c3"


def refusal(code: str, message: str = "") -> ClientError:
    """Return the error with which AWS refuses a call."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetSecretValue")


def consumer(access_token: str = "token-1", *, ends: datetime = NOON + timedelta(hours=1), **more: Any) -> str:
    """Return the document of a consumer secret, as in docs/decisions/0060."""
    values = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_at": f"{ends:%Y-%m-%dT%H:%M:%SZ}",
        "expires_at_epoch": int(ends.timestamp()),
        "scope": "https://ads.microsoft.com/msads.manage",
        "account_id": "123456789",
        "customer_id": "987654321",
        "developer_token": "developer-token-1",
        "status": "healthy",
        "credential": "acme-bing-ads",
        "generation": 1,
    }
    return json.dumps({key: value for key, value in {**values, **more}.items() if value is not None})


def operator(access_token: str | None = "token-1", *, ends: datetime = NOON + timedelta(hours=1), **more: Any) -> str:
    """Return the document of the operator's secret."""
    tokens = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_at": f"{ends:%Y-%m-%dT%H:%M:%SZ}",
        "granted_scope": "https://ads.microsoft.com/msads.manage",
        "refreshed_at": f"{ends - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        "refresh_token": "refresh-token-1",
    }
    given = {"client_id": "0f6c1f1e", "client_secret": "client-secret-1", "account_id": "123456789"}
    return json.dumps({**given, **(tokens if access_token else {}), **more})
