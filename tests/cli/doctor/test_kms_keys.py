"""Under which KMS keys secrets lie, as ``doctor`` sees it: what it makes of them, and what it asks."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.cli.desk import Desk
from tests.packaging.made import FORMER_KEY, KEY
from token_refresher_cli.doctor.finding import Level, worst
from token_refresher_cli.doctor.kms_keys import SIGNING, key_findings
from token_refresher_cli.installation.kms_keys import UsableKeys, key_of

FOREIGN = KEY.replace("1111", "7777")
BOTH = UsableKeys(KEY, frozenset({FORMER_KEY}))
NONE = UsableKeys("", frozenset())


class Kms:
    """Knows two aliases and a key."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def describe_key(self, *, KeyId: str) -> Mapping[str, Any]:  # noqa: N803 - As boto3 has it.
        self.asked.append(KeyId)
        if KeyId == "alias/aws/another":
            return {"KeyMetadata": {"KeyManager": "AWS", "Arn": FOREIGN}}
        return {"KeyMetadata": {"KeyManager": "CUSTOMER", "Arn": KEY}}


@pytest.mark.parametrize(
    ("secret", "key", "asked"),
    [
        pytest.param("", "", [], id="no key is named: that of AWS"),
        pytest.param("alias/aws/secretsmanager", "", [], id="that of AWS is named"),
        pytest.param(KEY, KEY, [], id="an ARN"),
        pytest.param("1111aaaa", KEY, ["1111aaaa"], id="an ID, as the console has it"),
        pytest.param("alias/team", KEY, ["alias/team"], id="an alias"),
        pytest.param("alias/aws/another", "", ["alias/aws/another"], id="another key of AWS"),
    ],
)
def test_the_key_of_a_secret_is_found_however_it_is_named(secret: str, key: str, asked: list[str]) -> None:
    kms = Kms()
    assert (key_of(secret, kms), kms.asked) == (key, asked)


@pytest.mark.parametrize(
    ("parameters", "keys"),
    [
        pytest.param({}, NONE, id="a stack of an earlier version, without keys"),
        pytest.param({"KmsKeyArn": KEY}, UsableKeys(KEY, frozenset()), id="one key"),
        pytest.param({"KmsKeyArn": "", "FormerKmsKeyArns": ""}, NONE, id="no keys"),
        pytest.param({"KmsKeyArn": KEY, "FormerKmsKeyArns": FORMER_KEY}, BOTH, id="one and a former one"),
        pytest.param(
            {"FormerKmsKeyArns": f"{FORMER_KEY},{KEY}"},
            UsableKeys("", frozenset({FORMER_KEY, KEY})),
            id="two former ones",
        ),
    ],
)
def test_the_keys_that_the_functions_may_use_are_those_of_the_parameters(
    parameters: Mapping[str, str], keys: UsableKeys
) -> None:
    assert UsableKeys.of(parameters) == keys


@pytest.mark.parametrize(
    ("keys", "key", "level"),
    [
        pytest.param(NONE, "", Level.OK, id="the key of AWS"),
        pytest.param(BOTH, "", Level.OK, id="the key of AWS beside one of one's own"),
        pytest.param(BOTH, KEY, Level.OK, id="the key of the stack"),
        pytest.param(BOTH, FORMER_KEY, Level.WARNING, id="a former key is to be left"),
        pytest.param(BOTH, FOREIGN, Level.PROBLEM, id="a key that no parameter names"),
        pytest.param(NONE, KEY, Level.PROBLEM, id="the key was removed, and the secret lies under it"),
    ],
)
def test_a_key(keys: UsableKeys, key: str, level: Level) -> None:
    for held, signing in (({"acme": key}, None), ({}, key)):
        findings = list(key_findings(keys, held, signing))
        assert worst(findings) is level
        if level is not Level.OK:
            assert findings[0].text.startswith("acme " if held else f"{SIGNING} ")
            assert key in findings[0].text
            assert findings[0].remedy == "docs/deploy.md#change-or-remove-the-key"


def test_the_key_of_every_secret_is_looked_at_and_of_none_beside_the_prefix(desk: Desk) -> None:
    parameters = {"KmsKeyArn": KEY, "FormerKmsKeyArns": FORMER_KEY}
    desk.installation = replace(desk.installation, parameters=parameters)
    secrets = desk.installation.secrets_client
    for name, key in (("fine", KEY), ("old", FORMER_KEY), ("lost", FOREIGN)):
        secrets.create_secret(Name=desk.installation.secret_id(name), SecretString="{}", KmsKeyId=key)
    secrets.create_secret(Name="token-refresher-of-another-team", SecretString="{}", KmsKeyId=FOREIGN)
    secrets.update_secret(SecretId=desk.installation.environment["INVITE_SECRET_ARN"], KmsKeyId=FORMER_KEY)
    result = desk.run("doctor", "--only", "kms-keys")
    assert result.exit_code == 11
    printed = " ".join(result.stdout.split())
    assert f"lost is encrypted with the key {FOREIGN}" in printed
    assert f"old is still encrypted with the former key {FORMER_KEY}" in printed
    assert f"{SIGNING} is still encrypted with the former key" in printed
    assert "fine" not in printed
    assert "another-team" not in printed


def test_kms_is_asked_once_about_a_key_however_many_secrets_it_encrypts(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def key_of(named: str, _: object) -> str:
        asked.append(named)
        return ""

    monkeypatch.setattr("token_refresher_cli.doctor.kms_keys.key_of", key_of)
    for name in ("a", "b", "c"):
        secret_id = desk.installation.secret_id(name)
        desk.installation.secrets_client.create_secret(Name=secret_id, SecretString="{}", KmsKeyId="alias/ours")
    desk.run("doctor", "--only", "kms-keys")
    assert asked.count("alias/ours") == 1
