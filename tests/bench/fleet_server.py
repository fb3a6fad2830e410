"""A stand-in for AWS with a fleet of credentials, for ``tests.bench.commands``: it answers each call after 15 ms.

It runs in a process of its own, and its answers are made before the first call, so that they cost the commands nothing.
It answers the calls with which the commands find the stack and read the fleet, and no others.
"""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from boto3.dynamodb.types import TypeSerializer

from tests.unit.entrypoints.test_settings import GOOD as ENVIRONMENT
from token_refresher.aws.registry_item import to_item
from token_refresher.credential.account import AccountAccess, KnownAccount
from token_refresher.credential.document import Credential
from token_refresher.credential.status import Status
from token_refresher.registry.entry import RegistryEntry

DELAY_SECONDS: Final = 0.015
COUNTS: Final = "/counts"
"""The path at which the server tells, and forgets, how often each operation was called."""

_ACCOUNT: Final = "123456789012"
_PAGE: Final = 100
"""Secrets a page of ``ListSecrets``."""
_SCANNED: Final = 1_000_000
"""Bytes a page of ``Scan``."""

_STACK: Final = f"""<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult>
<Stacks><member><StackName>token-refresher</StackName><StackStatus>CREATE_COMPLETE</StackStatus>
<StackId>arn:aws:cloudformation:us-east-1:{_ACCOUNT}:stack/token-refresher/0aaa</StackId>
<CreationTime>2026-11-01T00:00:00Z</CreationTime><Outputs><member><OutputKey>RefreshFunctionName</OutputKey>
<OutputValue>refresh</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"""


class Fleet:
    """The credentials, and the answers about them."""

    def __init__(self, size: int) -> None:
        self.environment = {**ENVIRONMENT, "CREDENTIALS_TABLE": "CredentialsTable"}
        now = datetime.now(UTC)
        self.values: dict[str, str] = {}
        self.described: dict[str, str] = {}
        secrets, items = [], []
        for number in range(size):
            name, version = f"client-{number:06}", f"00000000-0000-4000-8000-{number:012}"
            secret_id = f"{self.environment['SECRET_PREFIX']}/{name}"
            text = json.dumps(_document(number, now))
            described = {
                "ARN": f"arn:aws:secretsmanager:us-east-1:{_ACCOUNT}:secret:{secret_id}-AbCdEf",
                "Name": secret_id,
                "CreatedDate": (now - timedelta(days=9)).timestamp(),
            }
            self.values[secret_id] = json.dumps({**described, "VersionId": version, "SecretString": text})
            self.described[secret_id] = json.dumps({**described, "VersionIdsToStages": {version: ["AWSCURRENT"]}})
            secrets.append(
                {**described, "LastChangedDate": now.timestamp(), "SecretVersionsToStages": {version: ["AWSCURRENT"]}}
            )
            items.append(_item(name, version, text, now))
        self.pages = [json.dumps(secrets[at : at + _PAGE])[1:-1] for at in range(0, max(size, 1), _PAGE)]
        self.scanned = list(_scanned(items))
        self.entries = dict(zip(self.values, items, strict=True))

    def answer(self, operation: str, asked: Mapping[str, Any]) -> str:
        """Return the answer to a call."""
        answers: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
            "DescribeStacks": lambda _: _STACK,
            "GetFunctionConfiguration": lambda _: json.dumps({"Environment": {"Variables": self.environment}}),
            "ListSecrets": self._list,
            "BatchGetSecretValue": lambda asked: f'{{"SecretValues": [{self._values(asked["SecretIdList"])}]}}',
            "GetSecretValue": lambda asked: self.values[asked["SecretId"]],
            "DescribeSecret": lambda asked: self.described[asked["SecretId"]],
            "Scan": self._scan,
            "GetItem": self._item,
        }
        return answers[operation](asked)

    def _list(self, asked: Mapping[str, Any]) -> str:
        at = int(asked.get("NextToken", 0))
        more = f', "NextToken": "{at + 1}"' if at + 1 < len(self.pages) else ""
        return f'{{"SecretList": [{self.pages[at]}]{more}}}'

    def _values(self, ids: Sequence[str]) -> str:
        return ", ".join(self.values[one] for one in ids)

    def _scan(self, asked: Mapping[str, Any]) -> str:
        at = int(asked.get("ExclusiveStartKey", {}).get("name", {}).get("S", 0))
        more = f', "LastEvaluatedKey": {{"name": {{"S": "{at + 1}"}}}}' if at + 1 < len(self.scanned) else ""
        return f'{{"Items": [{self.scanned[at]}]{more}}}'

    def _item(self, asked: Mapping[str, Any]) -> str:
        secret_id = f"{self.environment['SECRET_PREFIX']}/{asked['Key']['name']['S']}"
        return f'{{"Item": {self.entries[secret_id]}}}'


def _document(number: int, now: datetime) -> dict[str, Any]:
    """Return a document with tokens as long as those of Microsoft: 1,800 and 1,200 letters."""
    return {
        "client_id": "0f6c1f1e-5a2b-4a51-9c4e-2d1b7f1c9a10",
        "client_secret": "planted-client-secret",
        "developer_token": "planted-developer-token",
        "customer_id": "7654321",
        "account_id": str(1_000_000 + number),
        "refresh_token": f"planted-{number:06}-".ljust(1_200, "r"),
        "refresh_token_issued_at": f"{now - timedelta(minutes=20):%Y-%m-%dT%H:%M:%SZ}",
        "access_token": f"planted-{number:06}-".ljust(1_800, "a"),
        "token_type": "Bearer",
        "refreshed_at": f"{now - timedelta(minutes=20):%Y-%m-%dT%H:%M:%SZ}",
        "expires_at": f"{now + timedelta(minutes=40):%Y-%m-%dT%H:%M:%SZ}",
        "granted_scope": "https://ads.microsoft.com/msads.manage",
        "identity": {"username": "ads-owner@example.com", "consented_at": "2026-10-01T08:00:00Z"},
    }


def _item(name: str, version: str, text: str, now: datetime) -> str:
    entry = replace(
        RegistryEntry.discovered(name, version, now).observing(Credential.parse(text)),
        status=Status.HEALTHY,
        next_action_at=now + timedelta(minutes=20),
        account=KnownAccount("1234567", AccountAccess.REACHABLE, name="Example Search", status="Active"),
    )
    serialize = TypeSerializer().serialize
    return json.dumps({key: serialize(_exact(value)) for key, value in to_item(entry).items()})


def _exact(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, float) else value


def _scanned(items: Sequence[str]) -> Iterator[str]:
    """Yield the items in pages of about a megabyte."""
    page, length = list[str](), 0
    for item in items:
        page.append(item)
        length += len(item)
        if length >= _SCANNED:
            yield ", ".join(page)
            page, length = [], 0
    yield ", ".join(page)


def serve(size: int) -> None:
    """Serve until standard input ends; the first line of standard output is the URL."""
    fleet, counts = Fleet(size), Counter[str]()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # Otherwise the end of a long answer waits for 40 ms.

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            self._answer(operation or "DescribeStacks", json.loads(body) if operation else {})

        def do_GET(self) -> None:
            if self.path == COUNTS:
                told = json.dumps(counts)
                counts.clear()
                self._send(told)
            else:
                self._answer("GetFunctionConfiguration", {})

        def _answer(self, operation: str, asked: Mapping[str, Any]) -> None:
            counts[operation] += 1
            time.sleep(DELAY_SECONDS)
            self._send(fleet.answer(operation, asked))

        def _send(self, text: str) -> None:
            content = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/xml" if text.startswith("<") else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
