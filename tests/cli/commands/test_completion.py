"""What a shell completes as the name of a credential."""

from typing import Any

import pytest
import typer
from botocore.exceptions import ClientError

from tests.cli.desk import Desk
from tests.cli.registered import commands
from token_refresher.rotation.secret_store import MOVED_TO_TAG
from token_refresher_cli.commands.arguments import complete_names


def completed(beginning: str) -> list[str]:
    return complete_names(typer.Context(commands()["show"]), beginning)


def test_the_names_that_begin_so_are_completed_and_no_pointer(desk: Desk) -> None:
    for name in ("beta", "acme-search", "acme", "acme-old"):
        desk.put(name)
    tags = [{"Key": MOVED_TO_TAG, "Value": "acme"}]
    desk.installation.secrets_client.tag_resource(SecretId=desk.installation.secret_id("acme-old"), Tags=tags)  # type: ignore[arg-type] # As TagTypeDef.
    assert completed("ac") == ["acme", "acme-search"]
    assert completed("") == ["acme", "acme-search", "beta"]
    assert completed("nothing") == []


def test_aws_lists_only_those_that_begin_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    secrets = desk.installation.secrets_client
    paginator = secrets.get_paginator("list_secrets")
    paginate = paginator.paginate

    def noted(**arguments: Any) -> Any:
        asked.append(arguments["Filters"])
        return paginate(**arguments)

    monkeypatch.setattr(paginator, "paginate", noted)
    monkeypatch.setattr(secrets, "get_paginator", lambda _: paginator)
    completed("ac")
    assert asked == [[{"Key": "name", "Values": [f"{desk.installation.prefix}/ac"]}]]


def test_where_aws_does_not_answer_nothing_is_completed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListSecrets")

    monkeypatch.setattr(desk.installation.secrets_client, "get_paginator", refuse)
    assert completed("ac") == []
