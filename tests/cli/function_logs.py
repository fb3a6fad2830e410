"""CloudWatch Logs and Lambda, as far as a history asks them: moto takes no line that is older than two weeks."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from token_refresher_cli.installation.installation import Installation


@dataclass
class FunctionLogs:
    """What the functions logged. Patterns are ignored, as local stand-ins do.

    Attributes:
        lines: By the log group, with their times.
        refusals: The code with which AWS keeps a group from the operator.
        asked: What each group was asked for.
    """

    lines: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def behind(cls, monkeypatch: pytest.MonkeyPatch) -> "FunctionLogs":
        """Put it in the place of both services."""
        logs, client = cls(), Installation.client

        def chosen(installation: Installation, service: str) -> Any:
            return logs if service in {"lambda", "logs"} else client(installation, service)

        monkeypatch.setattr(Installation, "client", chosen)
        return logs

    def logged(self, function: str, at: datetime, message: str, **fields: Any) -> None:
        """Log as Powertools does."""
        line = {"level": "INFO", "location": "report:1", "message": message, "service": "token-refresher", **fields}
        self.lines.setdefault(f"/logs/{function}", []).append((at, json.dumps(line)))

    # --- what boto3 offers --------------------------------------------------------------------------------------

    def get_function_configuration(self, *, FunctionName: str) -> dict[str, Any]:  # noqa: N803 - As boto3 names it.
        return {"LoggingConfig": {"LogGroup": f"/logs/{FunctionName}"}}

    def get_paginator(self, operation: str) -> "FunctionLogs":
        assert operation == "filter_log_events"
        return self

    def paginate(self, **arguments: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(arguments)
        group = arguments["logGroupName"]
        if group in self.refusals:
            raise ClientError({"Error": {"Code": self.refusals[group], "Message": "no"}}, "FilterLogEvents")
        for at, line in self.lines.get(group, []):
            yield {"events": [{"timestamp": int(at.timestamp() * 1000), "message": line}]}
