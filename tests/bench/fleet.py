"""An AWS on loopback with a fleet of any size: as much of four services as a tick needs.

moto takes minutes for a fleet that this serves in seconds. It answers what it knows, in AWS's page sizes, and refuses
what it does not know, so that a bench of calls that it misunderstands fails.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Any, Final

_PAGE_BYTES: Final = 1_000_000
"""The most that a page of Query or Scan has.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
"""
_SECRETS_A_PAGE: Final = 100
_CONDITION: Final = re.compile(r"(#?[\w.]+)\s*(=|<=|>=|<|>)\s*(:\w+)")
_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": lambda one, other: one == other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}

Item = dict[str, dict[str, Any]]
"""An item in DynamoDB's JSON."""


class UnknownCallError(Exception):
    """The stand-in does not understand a call."""


class Table:
    """A table. A condition of a write always holds, for a bench has one writer."""

    def __init__(self, properties: Mapping[str, Any], items: Iterable[Item]) -> None:
        self._key = properties["KeySchema"][0]["AttributeName"]
        self._indexes = {index["IndexName"]: index for index in properties.get("GlobalSecondaryIndexes", [])}
        self.items = {item[self._key]["S"]: item for item in items}
        self._sorted: dict[tuple[str, str], list[Item]] = {}

    def get(self, key: Item) -> Item | None:
        """Return the item with a key."""
        return self.items.get(key[self._key]["S"])

    def put(self, item: Item) -> None:
        """Write an item."""
        self.items[item[self._key]["S"]] = item
        self._sorted.clear()

    def delete(self, key: Item) -> None:
        """Delete the item with a key."""
        self.items.pop(key[self._key]["S"], None)
        self._sorted.clear()

    def query(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer Query: one key of an index or of the table, and any comparisons of the other key."""
        conditions = self._conditions(request, "KeyConditionExpression")
        index = self._indexes.get(request.get("IndexName", ""))
        keys = [part["AttributeName"] for part in index["KeySchema"]] if index else [self._key]
        where = [value for name, _, value in conditions if name == keys[0]]
        found = self._of_index(request.get("IndexName", ""), keys, where[0])
        found = [item for item in found if self._holds(item, conditions)]
        if not request.get("ScanIndexForward", True):
            found.reverse()
        projection = index["Projection"] if index else {}
        if projection.get("ProjectionType") in {"INCLUDE", "KEYS_ONLY"}:
            kept = {*keys, self._key, *projection.get("NonKeyAttributes", [])}
            found = [{name: value for name, value in item.items() if name in kept} for item in found]
        return self._page(found, request)

    def scan(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer Scan, of the table or of a segment of it."""
        if "IndexName" in request:
            raise UnknownCallError("Scan of an index")
        segments = request.get("TotalSegments", 1)
        return self._page(list(self.items.values())[request.get("Segment", 0) :: segments], request)

    def _of_index(self, index: str, keys: list[str], value: str) -> list[Item]:
        if (index, value) not in self._sorted:
            groups = defaultdict(list)
            for item in self.items.values():
                if all(key in item for key in keys):
                    groups[next(iter(item[keys[0]].values()))].append(item)
            for group, items in groups.items():
                self._sorted[index, group] = sorted(items, key=lambda item: next(iter(item[keys[-1]].values())))
        return self._sorted.get((index, value), [])

    def _conditions(self, request: Mapping[str, Any], which: str) -> list[tuple[str, str, str]]:
        expression = request.get(which, "")
        names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
        found = [
            (names.get(name, name), compared, next(iter(values[value].values())))
            for name, compared, value in _CONDITION.findall(expression)
        ]
        if re.sub(r"[\s()]|\bAND\b", "", _CONDITION.sub("", expression)):
            raise UnknownCallError(f"{which}: {expression}")
        return found

    def _holds(self, item: Item, conditions: Iterable[tuple[str, str, str]]) -> bool:
        return all(
            name in item and _COMPARED[compared](next(iter(item[name].values())), value)
            for name, compared, value in conditions
        )

    def _page(self, found: list[Item], request: Mapping[str, Any]) -> dict[str, Any]:
        begin = int(request["ExclusiveStartKey"]["position"]["N"]) if "ExclusiveStartKey" in request else 0
        wanted, read, size = self._conditions(request, "FilterExpression"), 0, 0
        items = []
        for item in found[begin : begin + request["Limit"] if "Limit" in request else None]:
            if size > _PAGE_BYTES:
                break
            size += len(str(item)) * 2 // 3  # DynamoDB counts no punctuation.
            read += 1
            if self._holds(item, wanted):
                items.append(projected(item, request))
        is_last = begin + read >= len(found)
        position = {} if is_last else {"LastEvaluatedKey": {"position": {"N": str(begin + read)}}}
        return {"Items": items, "Count": len(items), "ScannedCount": read, **position}


def projected(item: Item, request: Mapping[str, Any]) -> Item:
    """Return the attributes of an item that a call asks for."""
    names = request.get("ExpressionAttributeNames", {})
    paths = [
        [names.get(part, part) for part in path.strip().split(".")]
        for path in request.get("ProjectionExpression", "").split(",")
        if path
    ]
    if not paths:
        return item
    found: Item = {}
    for name, *deeper in paths:
        if name in item and not deeper:
            found[name] = item[name]
        elif name in item and deeper[0] in item[name].get("M", {}):
            found[name] = {"M": {deeper[0]: item[name]["M"][deeper[0]]}}
    return found


class Fleet:
    """The services.

    Args:
        tables: The tables by name.
        secrets: What ListSecrets says of each secret.
    """

    def __init__(self, tables: Mapping[str, Table], secrets: list[dict[str, Any]]) -> None:
        self._tables = tables
        self._secrets = secrets
        self._by_change = sorted(secrets, key=lambda secret: secret["LastChangedDate"], reverse=True)

    def answer(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answer a call.

        Raises:
            UnknownCallError: The operation, or what the call asks for, is unknown.
        """
        known: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "Query": lambda request: self._table(request).query(request),
            "Scan": lambda request: self._table(request).scan(request),
            "GetItem": self._get,
            "BatchGetItem": self._batch_get,
            "PutItem": self._put,
            "DeleteItem": self._delete,
            "ListSecrets": self._list,
            "DescribeSecret": self._describe,
            "SendMessageBatch": _send,
            "GetParametersByPath": lambda _: {"Parameters": []},
            "DescribeParameters": lambda _: {"Parameters": []},
        }
        if operation not in known:
            raise UnknownCallError(operation)
        return known[operation](request)

    def _get(self, request: Mapping[str, Any]) -> dict[str, Any]:
        item = self._table(request).get(request["Key"])
        return {} if item is None else {"Item": projected(item, request)}

    def _batch_get(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return {"Responses": dict(map(self._batch, request["RequestItems"].items())), "UnprocessedKeys": {}}

    def _put(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._table(request).put(request["Item"])
        return {}

    def _delete(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._table(request).delete(request["Key"])
        return {}

    def _describe(self, request: Mapping[str, Any]) -> dict[str, Any]:
        listed = next(one for one in self._secrets if request["SecretId"] in {one["Name"], one["ARN"]})
        return {**listed, "VersionIdsToStages": listed["SecretVersionsToStages"]}

    def _table(self, request: Mapping[str, Any]) -> Table:
        return self._tables[request["TableName"]]

    def _batch(self, asked: tuple[str, Mapping[str, Any]]) -> tuple[str, list[Item]]:
        table, request = asked
        found = map(self._tables[table].get, request["Keys"])
        return table, [projected(item, request) for item in found if item is not None]

    def _list(self, request: Mapping[str, Any]) -> dict[str, Any]:
        by_change = request.get("SortBy") == "last-changed-date"
        found = self._by_change if by_change and request.get("SortOrder") == "desc" else self._secrets
        if by_change and request.get("SortOrder") != "desc":
            found = self._by_change[::-1]
        begin, size = int(request.get("NextToken", 0)), min(request.get("MaxResults", _SECRETS_A_PAGE), _SECRETS_A_PAGE)
        more = {"NextToken": str(begin + size)} if begin + size < len(found) else {}
        return {"SecretList": found[begin : begin + size], **more}


def _send(request: Mapping[str, Any]) -> dict[str, Any]:
    return {"Successful": [_sent(entry) for entry in request["Entries"]], "Failed": []}


def _sent(entry: Mapping[str, Any]) -> dict[str, str]:
    digest = md5(entry["MessageBody"].encode(), usedforsecurity=False).hexdigest()
    return {"Id": entry["Id"], "MessageId": entry["Id"], "MD5OfMessageBody": digest, "SequenceNumber": "1"}


def serve(build: Callable[[], Fleet], port: Connection) -> None:
    """Build a fleet in this process, and serve it until the process is ended; send the port when it is ready."""
    fleet = build()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            try:
                status, answer = 200, fleet.answer(operation, request)
            except UnknownCallError as error:
                status, answer = 400, {"__type": "ValidationException", "message": f"the stand-in: {error}"}
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    port.send(server.server_port)
    server.serve_forever()
