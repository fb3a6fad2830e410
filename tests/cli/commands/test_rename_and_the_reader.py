"""What a pipeline with a reader sees of the command: a rename, a pause, a credential without a token."""

import json
from datetime import timedelta

import pytest

from tests.cli.desk import NOW, Desk
from tests.cli.moving import NEW, OLD, to_be_renamed
from token_refresher_client import Token, TokenNotFreshError, TokenReader


def reader(desk: Desk, name: str) -> TokenReader:
    client = desk.installation.session.client("secretsmanager")
    return TokenReader(name, prefix="token-refresher", client=client, clock=lambda: NOW)


def token(desk: Desk, name: str) -> Token:
    return reader(desk, name).token(timedelta(seconds=1))


def test_a_reader_of_the_old_name_gets_the_token_of_the_new_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    to_be_renamed(desk, monkeypatch)
    before = token(desk, OLD)
    desk.done("rename", OLD, NEW, "--no-wait")
    assert token(desk, NEW).access_token == before.access_token
    assert token(desk, OLD) == token(desk, NEW)


def test_a_reader_that_lives_through_a_rename_gets_what_is_refreshed_afterwards(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_be_renamed(desk, monkeypatch)
    pipeline = reader(desk, OLD)
    held = pipeline.token(timedelta(seconds=1))
    desk.done("rename", OLD, NEW, "--no-wait")
    document = {**desk.document(NEW), "access_token": "planted-next-token", "refreshed_at": "2026-11-22T09:00:01Z"}
    desk.installation.session.client("secretsmanager").put_secret_value(
        SecretId=desk.installation.secret_id(NEW), SecretString=json.dumps(document)
    )
    renewed = pipeline.renewed(held, timedelta(seconds=1))
    assert renewed
    assert renewed.access_token == "planted-next-token"


def test_a_credential_without_a_token_says_what_the_tags_say(desk: Desk) -> None:
    desk.put("acme-bing-ads")
    desk.know("acme-bing-ads")
    desk.done("pause", "acme-bing-ads")
    with pytest.raises(TokenNotFreshError, match="token-refresher resume acme-bing-ads") as caught:
        token(desk, "acme-bing-ads")
    assert caught.value.status == "paused"
