"""An edit becomes current by compare-and-swap, whatever else is written at the same time."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.cli.desk import Desk
from tests.cli.rotating import rotate, rotating, store_of_another_process
from tests.cli.steps import Steps
from tests.fakes.calls import KilledError
from token_refresher.aws.secrets_manager import SecretsManagerStore
from token_refresher.base.errors import PromotionRefusedError
from token_refresher_cli.changes.secret_edit import EDIT_LABEL, Edited, SecretEdit
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.exit_code import ExitCode

NAME = "acme-bing-ads"
PRICE = '{ "price": 1.10, "caf\\u00e9": [ ] }'


@pytest.fixture
def calls() -> int:
    """How many calls to AWS an edit makes that nobody disturbs."""
    return len(["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage", "the label off"])


def _put(desk: Desk) -> None:
    desk.put(NAME, refresh_token="planted-refresh-token-0")


def _note(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"note": "moved"}


def _edit(desk: Desk) -> Edited:
    return SecretEdit(desk.installation).apply(NAME, _note)


def _labels(desk: Desk) -> dict[str, list[str]]:
    client = desk.installation.session.client("secretsmanager")
    answer: dict[str, list[str]] = client.describe_secret(SecretId=desk.installation.secret_id(NAME))[
        "VersionIdsToStages"
    ]
    return answer


def test_an_edit_makes_these_calls_and_no_other(desk: Desk, calls: int) -> None:
    _put(desk)
    with Steps().of(desk) as steps:
        _edit(desk)
    assert steps.log == [
        "DescribeSecret",
        "GetSecretValue",
        "PutSecretValue",
        "UpdateSecretVersionStage",
        "UpdateSecretVersionStage",
    ]
    assert len(steps.log) == calls


def test_all_other_keys_keep_their_text(desk: Desk) -> None:
    text = f'{{"client_id": "of-the-operator", "kept": {PRICE}}}'
    desk.installation.secrets_client.create_secret(Name=desk.installation.secret_id(NAME), SecretString=text)
    _edit(desk)
    state = desk.installation.store.describe(NAME)
    assert f'"kept": {PRICE}' in desk.installation.store.read(NAME, state.require_current())


def test_what_is_so_already_is_not_written_again(desk: Desk) -> None:
    version = desk.put(NAME, note="moved")
    assert _edit(desk).changed == {}
    assert desk.installation.store.describe(NAME).current == version


def test_the_version_of_an_edit_keeps_no_label_of_ours_so_that_it_can_be_dropped_one_day(desk: Desk) -> None:
    _put(desk)
    _edit(desk)
    assert not [version for version, labels in _labels(desk).items() if EDIT_LABEL in labels]


def test_an_edit_that_was_refused_keeps_no_label_either(desk: Desk) -> None:
    _put(desk)
    first = desk.installation.store.describe(NAME).require_current()
    rotate(desk, NAME, 1)
    with pytest.raises(PromotionRefusedError):
        SecretEdit(desk.installation).swap(NAME, first, "{}")
    assert not [version for version, labels in _labels(desk).items() if EDIT_LABEL in labels]
    assert desk.document(NAME)["refresh_token"] == "planted-refresh-token-1"


@pytest.mark.parametrize("after", range(1, 6))
def test_a_rotation_that_lands_after_any_call_keeps_its_tokens_and_the_edit_is_made_on_top(
    desk: Desk, after: int, calls: int
) -> None:
    assert after <= calls
    _put(desk)
    with Steps(after, rotating(desk, NAME, 1)).of(desk):
        edited = _edit(desk)
    assert edited.changed == {"note": "moved"}
    document = desk.document(NAME)
    assert (document["refresh_token"], document["note"]) == ("planted-refresh-token-1", "moved")


@pytest.mark.parametrize("method", ["describe", "read", "put_pending", "promote"])
def test_an_edit_that_lands_before_any_call_of_a_rotation_is_kept_beside_its_tokens(
    desk: Desk, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(desk)
    store = store_of_another_process(desk)
    original = getattr(SecretsManagerStore, method)
    seen: list[str] = []

    def edited_first(*arguments: Any, **keywords: Any) -> Any:
        if not seen:
            seen.append(method)
            _edit(desk)
        return original(store, *arguments, **keywords)

    monkeypatch.setattr(store, method, edited_first)
    rotate(desk, NAME, 1, store)
    document = desk.document(NAME)
    assert seen
    assert (document["refresh_token"], document["note"]) == ("planted-refresh-token-1", "moved")


@pytest.mark.parametrize("after", range(1, 6))
def test_an_edit_that_is_killed_after_any_call_leaves_a_whole_document_and_is_done_by_doing_it_again(
    desk: Desk, after: int
) -> None:
    _put(desk)
    before = desk.document(NAME)
    with Steps.killing(after).of(desk), pytest.raises(KilledError):
        _edit(desk)
    assert desk.document(NAME) in (before, {**before, "note": "moved"})
    rotate(desk, NAME, 1)
    _edit(desk)
    document = desk.document(NAME)
    assert (document["refresh_token"], document["note"]) == ("planted-refresh-token-1", "moved")
    assert sum(EDIT_LABEL in labels for labels in _labels(desk).values()) <= 1


def test_what_a_rotation_finds_under_way_is_no_edit(desk: Desk) -> None:
    """The edit waits under a label of its own: under AWSPENDING, a refresh would finish it."""
    _put(desk)
    with Steps.killing(3).of(desk), pytest.raises(KilledError):
        _edit(desk)
    assert desk.installation.store.describe(NAME).pending is None


def test_a_promotion_whose_answer_was_lost_is_no_refusal(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(desk)
    promote = desk.installation.store.promote

    def repeated(*arguments: Any, **keywords: Any) -> None:
        promote(*arguments, **keywords)
        promote(*arguments, **keywords)

    monkeypatch.setattr(desk.installation.store, "promote", repeated)
    before = desk.installation.store.describe(NAME).require_current()
    version = SecretEdit(desk.installation).swap(NAME, before, json.dumps({**desk.document(NAME), "note": "swapped"}))
    assert desk.installation.store.describe(NAME).current == version
    assert _edit(desk).changed == {"note": "moved"}
    assert len(_labels(desk)) == 3, "each was written once"


def test_after_being_overtaken_again_and_again_it_gives_up_and_has_overwritten_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(desk)
    swap, rotations = SecretEdit.swap, iter(range(1, 100))

    def overtaken(edit: SecretEdit, *arguments: Any) -> str:
        rotate(desk, NAME, next(rotations))
        return swap(edit, *arguments)

    monkeypatch.setattr(SecretEdit, "swap", overtaken)
    with pytest.raises(CommandError, match="was written by others 5 times"):
        _edit(desk)
    assert desk.document(NAME)["refresh_token"] == "planted-refresh-token-5"
    assert "note" not in desk.document(NAME)


def test_a_good_document_is_not_made_bad(desk: Desk) -> None:
    version = desk.put(NAME)
    with pytest.raises(CommandError, match="client_id is missing") as error:
        SecretEdit(desk.installation).apply(NAME, lambda _: {"client_id": None})
    assert error.value.exit_code is ExitCode.BAD_INPUT
    assert desk.installation.store.describe(NAME).current == version


def test_a_bad_document_is_mended_key_by_key(desk: Desk) -> None:
    desk.installation.secrets_client.create_secret(
        Name=desk.installation.secret_id(NAME), SecretString=json.dumps({"account_id": "X1", "scope": ""})
    )
    edit = SecretEdit(desk.installation)
    assert str(edit.apply(NAME, lambda _: {"client_id": "a"}).problem).startswith("scope is empty")
    assert str(edit.apply(NAME, lambda _: {"scope": None}).problem).startswith("account_id must be a number")
    assert edit.apply(NAME, lambda _: {"account_id": "1"}).problem is None


def test_a_bad_key_of_a_bad_document_is_not_made_bad_in_another_way(desk: Desk) -> None:
    desk.put(NAME, account_id="X1")
    with pytest.raises(CommandError, match="account_id must be a number"):
        SecretEdit(desk.installation).apply(NAME, lambda _: {"account_id": "X2"})


def test_a_secret_that_is_no_object_has_no_keys_to_change(desk: Desk) -> None:
    desk.installation.secrets_client.create_secret(
        Name=desk.installation.secret_id(NAME), SecretString="planted-client-secret"
    )
    with pytest.raises(CommandError, match="cannot be changed one by one") as error:
        _edit(desk)
    assert "planted" not in str(error.value)
