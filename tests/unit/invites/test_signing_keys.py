"""The keys that sign connect links, from their secret."""

from datetime import timedelta

import pytest

from tests.fakes.manual_clock import ManualClock
from token_refresher.base.errors import ConfigurationError
from token_refresher.base.sensitive import Sensitive
from token_refresher.invites.signing_keys import SigningKeys, parse_signing_keys

CANARY = "canary-0b7e"


@pytest.mark.parametrize(
    ("document", "keys"),
    [
        pytest.param('{"key": "new"}', ["new"], id="only a key"),
        pytest.param('{"previous": [], "key": "new"}', ["new"], id="as CloudFormation generates it"),
        pytest.param('{"key": "new", "previous": ["old"]}', ["old", "new"], id="after a rotation"),
        pytest.param('{"key": "new", "previous": ["older", "old"]}', ["older", "old", "new"], id="after two rotations"),
        pytest.param('{"key": "new", "comment": "x"}', ["new"], id="with a comment"),
    ],
)
def test_the_newest_key_comes_last(document: str, keys: list[str]) -> None:
    assert parse_signing_keys(document) == [Sensitive(key) for key in keys]


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("", id="nothing"),
        pytest.param(CANARY, id="a bare key"),
        pytest.param(f'"{CANARY}"', id="a quoted key"),
        pytest.param(f'["{CANARY}"]', id="a list"),
        pytest.param("{}", id="no key"),
        pytest.param(f'{{"previous": ["{CANARY}"]}}', id="old keys alone"),
        pytest.param('{"key": ""}', id="an empty key"),
        pytest.param('{"key": null}', id="null for a key"),
        pytest.param('{"key": 12345}', id="a number for a key"),
        pytest.param(f'{{"key": ["{CANARY}"]}}', id="a list for a key"),
        pytest.param(f'{{"key": "{CANARY}", "previous": null}}', id="null for the old keys"),
        pytest.param(f'{{"key": "{CANARY}", "previous": [""]}}', id="an empty old key"),
        pytest.param(f'{{"key": "{CANARY}", "previous": [1]}}', id="a number among the old keys"),
        pytest.param(f'{{"key": "new", "previous": "{CANARY}"}}', id="a text for the list, whose letters are no keys"),
        pytest.param(f'{{"key": "new", "previous": {{"a": "{CANARY}"}}}}', id="an object for the list"),
    ],
)
def test_a_secret_without_valid_keys_is_rejected_and_not_quoted(document: str) -> None:
    with pytest.raises(ConfigurationError, match="invite-signing secret") as caught:
        parse_signing_keys(document)
    error = caught.value
    assert CANARY not in f"{error} {error!r} {error.__cause__}"


def test_the_keys_are_read_again_after_a_minute_and_not_for_every_link() -> None:
    clock, documents = ManualClock(), ['{"key": "old"}', '{"key": "new", "previous": ["old"]}']
    keys = SigningKeys(lambda: documents.pop(0), clock)
    assert keys() == keys() == [Sensitive("old")]
    clock.advance(timedelta(minutes=1))
    assert keys() == [Sensitive("old"), Sensitive("new")]
