"""``token-refresher rotate-private-key``: a key that the provider refuses is taken out again."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.desk import Desk
from tests.cli.worker import TOKENS, WRONG_SECRET, Worker
from tests.fakes.keys import another_key, certificate, pem, rsa_key
from token_refresher.registry.outcome import Result

NAME = "acme-bing-ads"
KMS = "arn:aws:kms:eu-west-1:111122223333:key/1a2b"
KEYS = ("private_key", "private_key_kms_key_id", "certificate")


@pytest.fixture
def worker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Worker:
    desk.put(NAME, note="kept", private_key_kms_key_id="alias/old", **TOKENS)
    desk.know(NAME)
    return Worker(desk, monkeypatch)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Return the paths of a key and of certificates."""
    texts = {
        "key": pem(rsa_key()),
        "certificate": certificate(rsa_key()),
        "another": certificate(another_key()),
        "garbage": "canary-51aa",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return {name: str(tmp_path / name) for name in texts} | {"missing": str(tmp_path / "missing")}


def held(desk: Desk) -> tuple[Any, ...]:
    return tuple(desk.document(NAME).get(key) for key in KEYS)


def test_a_key_that_works_stays(desk: Desk, worker: Worker, files: dict[str, str]) -> None:
    said = desk.done("rotate-private-key", NAME, "--private-key", files["key"], "--certificate", files["certificate"])
    assert "accepts the new key" in said
    assert held(desk) == (pem(rsa_key()).strip(), None, certificate(rsa_key()).strip())
    assert (desk.document(NAME)["note"], worker.refreshes) == ("kept", 1)
    assert "PRIVATE KEY" not in said


def test_a_key_of_kms_takes_the_place_of_one_in_the_document(desk: Desk, worker: Worker) -> None:
    desk.done("rotate-private-key", NAME, "--kms-key-id", KMS)
    assert held(desk) == (None, KMS, None)


def test_a_key_that_is_refused_is_taken_out_again(desk: Desk, worker: Worker, files: dict[str, str]) -> None:
    worker.ends(Result.NEEDS_A_PERSON, WRONG_SECRET)
    result = desk.run("rotate-private-key", NAME, "--private-key", files["key"])
    assert (result.exit_code, held(desk)) == (5, (None, "alias/old", None))
    assert "The old one is back in its place" in result.stderr
    assert desk.document(NAME)["refresh_token"] == TOKENS["refresh_token"]


@pytest.mark.parametrize("ending", ["silent", "retry"])
def test_if_nobody_knows_yet_the_new_key_stays_and_that_is_said(desk: Desk, worker: Worker, ending: str) -> None:
    worker.stays_silent() if ending == "silent" else worker.ends(Result.RETRY_LATER)
    result = desk.run("rotate-private-key", NAME, "--kms-key-id", KMS, "--timeout", "1")
    assert result.exit_code != 0
    assert "It is not known yet" in result.stderr
    assert held(desk) == (None, KMS, None)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--private-key", "garbage"], "is no private key in PEM", id="no key"),
        pytest.param(["--private-key", "missing"], "cannot be read", id="no file"),
        pytest.param(["--private-key", "key", "--certificate", "another"], "of another key", id="another certificate"),
        pytest.param(["--kms-key-id", KMS, "--certificate", "garbage"], "is no certificate", id="no certificate"),
        pytest.param([], "Give either", id="neither"),
        pytest.param(["--private-key", "key", "--kms-key-id", KMS], "Give either", id="both"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_written(
    desk: Desk, worker: Worker, files: dict[str, str], options: list[str], said: str
) -> None:
    result = desk.run("rotate-private-key", NAME, *(files.get(one, one) for one in options))
    assert result.exit_code != 0
    assert said in result.stderr
    assert "canary" not in result.output
    assert (held(desk), worker.asked) == ((None, "alias/old", None), [])


def test_a_paused_credential_is_left_alone(desk: Desk, worker: Worker) -> None:
    desk.done("pause", NAME)
    result = desk.run("rotate-private-key", NAME, "--kms-key-id", KMS)
    assert "cannot be checked" in result.stderr
    assert held(desk) == (None, "alias/old", None)
