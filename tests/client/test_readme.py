"""The examples of client/README.md."""

import re
from pathlib import Path

import pytest

import token_refresher_client
from tests.client.aws import FakeSecrets, ManualClock
from token_refresher_client import TokenReader

README = (Path(token_refresher_client.__file__).parents[1] / "README.md").read_text("utf-8")
FIRST, ASYNC, *WITH = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_first_example_reads_a_token(
    secrets: FakeSecrets, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        token_refresher_client, "TokenReader", lambda name: TokenReader(name, client=secrets, clock=clock)
    )
    names: dict[str, object] = {}
    exec(FIRST, names)  # noqa: S102 - It is an example of our own documents.
    assert names["headers"] == {"Authorization": "Bearer token-1", "DeveloperToken": "developer-token-1"}


@pytest.mark.parametrize("example", WITH, ids=["requests", "httpx"])
def test_a_client_is_made_with_a_reader(example: str, reader: TokenReader) -> None:
    exec(example, {"reader": reader})  # noqa: S102 - It is an example of our own documents.


def test_the_async_example_names_a_method() -> None:
    assert re.findall(r"reader\.(\w+)", ASYNC) == ["token_async"]
    assert callable(TokenReader.token_async)


def test_every_error_is_explained() -> None:
    errors = {name for name in token_refresher_client.__all__ if name.endswith("Error")} - {"TokenReaderError"}
    assert set(re.findall(r"^\| `(\w+Error)` \|", README, re.MULTILINE)) == errors


def test_every_module_that_it_names_exists() -> None:
    folder = Path(token_refresher_client.__file__).parent
    named = set(re.findall(r"token_refresher_client\.(\w+)", README))
    assert named == {"requests", "httpx", "bingads", "dlt", "singer", "airbyte"}
    assert all((folder / f"{name}.py").exists() for name in named)
