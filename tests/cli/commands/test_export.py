"""``token-refresher export``."""

import json
from typing import Any

import pytest

from tests.cli.commands.test_list import healthy, refuse
from tests.cli.desk import CLIENT_ID, Desk
from token_refresher.base.sensitive import Sensitive
from token_refresher_cli.shell import terminal

ODD = '{ "client_id":"a" ,"limit": 1.10,\n"name": "caf\\u00e9 é \\ud800", "list": [1,  2], "zero": 0, "none": null }'


def exported(desk: Desk, *arguments: str) -> list[dict[str, Any]]:
    document = json.loads(desk.done("export", *arguments))
    assert (document["stack"], document["prefix"]) == ("token-refresher", "token-refresher")
    assert document["with_secrets"] == ("--with-secrets" in arguments)
    credentials: list[dict[str, Any]] = document["credentials"]
    return credentials


def put_text(desk: Desk, name: str, text: str, **more: Any) -> None:
    desk.installation.secrets_client.create_secret(Name=desk.installation.secret_id(name), SecretString=text, **more)


def fingerprint(text: str) -> dict[str, str]:
    return {"fingerprint": Sensitive(text).fingerprint}


def test_fingerprints_stand_in_for_secrets_and_for_keys_that_are_not_ours(desk: Desk) -> None:
    healthy(desk, note="planted-note", limits={"rows": 1}, previous_client_secret="planted-previous")
    [credential] = exported(desk)
    document = credential["document"]
    assert document["client_id"] == CLIENT_ID
    assert document["account_id"] == "1234567"
    assert document["identity"]["username"] == "ads-owner@example.com"
    assert document["client_secret"] == fingerprint("planted-client-secret")
    assert document["previous_client_secret"] == fingerprint("planted-previous")
    assert document["refresh_token"] == fingerprint("planted-refresh-token")
    assert document["note"] == fingerprint("planted-note")
    assert document["limits"] == fingerprint('{"rows": 1}')


def test_what_is_inside_an_identity_and_not_ours_is_no_exception(desk: Desk) -> None:
    healthy(desk, identity={"consented_at": "2026-10-01T08:00:00Z", "note": "planted-inside"})
    assert exported(desk)[0]["document"]["identity"]["note"] == fingerprint("planted-inside")


def test_with_secrets_the_text_survives_byte_for_byte_and_can_be_put_back(desk: Desk) -> None:
    tags = [{"Key": "team", "Value": "ads"}]
    put_text(desk, "odd", ODD, Tags=tags, Description="for reports")
    [credential] = exported(desk, "--with-secrets", "--yes")
    assert credential["document"] == ODD
    assert (credential["name"], credential["tags"], credential["description"]) == (
        "odd",
        {"team": "ads"},
        "for reports",
    )
    put_text(desk, "again", credential["document"])
    assert exported(desk, "again", "--with-secrets", "--yes")[0]["document"] == ODD


def test_a_document_with_what_no_console_can_print_is_exported_without_secrets_too(desk: Desk) -> None:
    put_text(desk, "odd", '{"client_id": "a", "\\ud800": "planted"}')
    assert exported(desk)[0]["document"]["\ud800"] == fingerprint("planted")


def test_a_script_has_to_say_yes_to_secrets(desk: Desk) -> None:
    healthy(desk)
    result = desk.run("export", "--with-secrets")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--yes" in result.stderr


def test_a_person_is_asked_and_told_what_it_is_worth(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    healthy(desk)
    monkeypatch.setattr(terminal, "is_interactive", lambda: True)
    refused = desk.run("export", "--with-secrets", stdin="n\n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    agreed = desk.run("export", "--with-secrets", stdin="y\n")
    assert agreed.exit_code == 0
    assert "Print one credential with all their secrets in clear?" in agreed.stderr
    assert "Encrypt it, and delete it" in agreed.stderr


def test_those_that_are_named_are_exported_once_in_the_order_that_was_said(desk: Desk) -> None:
    for name in ("a", "b", "c"):
        desk.put(name)
    assert [one["name"] for one in exported(desk, "c", "a", "c")] == ["c", "a"]
    assert [one["name"] for one in exported(desk)] == ["a", "b", "c"]


def test_a_name_that_is_not_there_exports_nothing(desk: Desk) -> None:
    desk.put("a")
    result = desk.run("export", "a", "b")
    assert (result.exit_code, result.stdout) == (3, "")


@pytest.mark.parametrize(
    ("text", "problem", "document"),
    [
        pytest.param(
            "planted, no JSON",
            "the secret is not a JSON object: it is something else, such as a single token;"
            " store an object with the keys of a credential",
            None,
            id="what is no JSON is kept back",
        ),
        pytest.param(
            '{"client_id": "planted", "tenant": 7}',
            "tenant must be a text, and is a number; write it in quotation marks",
            {"client_id": fingerprint("planted"), "tenant": fingerprint("7")},
            id="of what is malformed everything may be a secret",
        ),
    ],
)
def test_a_malformed_secret_is_exported_as_what_it_is(
    desk: Desk, text: str, problem: str, document: dict[str, Any] | None
) -> None:
    put_text(desk, "broken", text)
    [credential] = exported(desk)
    assert (credential["problem"], credential["document"]) == (problem, document)
    assert exported(desk, "--with-secrets", "--yes")[0]["document"] == text


def test_an_export_is_whole_or_none(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    healthy(desk)
    refuse(desk, monkeypatch)
    result = desk.run("export")
    assert (result.exit_code, result.stdout) == (4, "")
    assert "an export is whole or none" in result.stderr


def test_where_there_is_no_credential_the_json_is_still_json(desk: Desk) -> None:
    assert exported(desk) == []
    assert exported(desk, "--with-secrets") == []


def test_a_right_that_is_taken_away_while_many_are_written_leaves_no_json(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        desk.put(name)
    monkeypatch.setattr("token_refresher_cli.commands.export.HELD", 1)
    secrets = desk.installation.secrets_client
    read, calls = secrets.batch_get_secret_value, list[list[str]]()

    def refused_the_second_time(*, SecretIdList: list[str]) -> Any:  # noqa: N803 - As boto3 has it.
        calls.append(SecretIdList)
        if len(calls) == 1:
            return read(SecretIdList=SecretIdList)
        errors = [{"SecretId": one, "ErrorCode": "AccessDeniedException", "Message": "no"} for one in SecretIdList]
        return {"SecretValues": [], "Errors": errors}

    monkeypatch.setattr(secrets, "batch_get_secret_value", refused_the_second_time)
    result = desk.run("export")
    assert (result.exit_code, len(calls)) == (4, 2)
    with pytest.raises(json.JSONDecodeError):
        json.loads(result.stdout)
