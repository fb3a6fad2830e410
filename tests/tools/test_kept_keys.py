"""``make deploy`` refuses to take a KMS key away that still encrypts secrets."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import boto3
import pytest
import yaml
from moto import mock_aws

from tests.packaging.cloudformation import template
from tests.packaging.made import FORMER_KEY, KEY
from token_refresher_cli.shell.errors import CommandError
from tools.deploy import deploy
from tools.deploy.answers import Answers
from tools.deploy.deploy import Deployment
from tools.deploy.kept_keys import LostKeys

STACK = "token-refresher"
NEW_KEY = KEY.replace("1111", "2222")
SIGNING = "InviteSigningSecret-1ABCDE2FGHIJ"
BEFORE = {"SecretPrefix": STACK, "KmsKeyArn": KEY}


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    """An account with the secret that signs links."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        session = boto3.Session("testing", "testing", region_name="eu-west-1")
        put(session, SIGNING)
        yield session


def signing(session: boto3.Session) -> str:
    return session.client("secretsmanager").describe_secret(SecretId=SIGNING)["ARN"]


def put(session: boto3.Session, name: str, key: str = "") -> None:
    secrets = session.client("secretsmanager")
    secrets.create_secret(Name=name, SecretString="{}")
    if key:
        secrets.update_secret(SecretId=name, KmsKeyId=key)


def never() -> str:
    raise AssertionError("nobody was to be asked")


def refused(session: boto3.Session, **wanted: str) -> str:
    with pytest.raises(CommandError) as refusal:
        LostKeys.between(BEFORE, {"SecretPrefix": STACK, **wanted}).check(session, lambda: signing(session))
    return f"{refusal.value.message} {refusal.value.next_step}"


@pytest.mark.parametrize("wanted", ["", NEW_KEY], ids=["it is removed", "it is changed"])
def test_a_key_that_a_credential_lies_under_is_not_taken_away(session: boto3.Session, wanted: str) -> None:
    put(session, f"{STACK}/acme", KEY)
    said = refused(session, KmsKeyArn=wanted)
    assert f"could no longer use {KEY}, which still encrypts {STACK}/acme." in said
    assert (
        "Add the key to FormerKmsKeyArns, deploy, and give each secret its new key: docs/deploy.md#change-or-" in said
    )


def test_the_secret_that_signs_links_counts_as_well(session: boto3.Session) -> None:
    session.client("secretsmanager").update_secret(SecretId=SIGNING, KmsKeyId=KEY)
    assert "the secret that signs links" in refused(session, KmsKeyArn="")


def test_many_are_counted_and_some_of_them_named(session: boto3.Session) -> None:
    for number in range(8):
        put(session, f"{STACK}/acme-{number}", KEY)
    assert f"{STACK}/acme-4 and 3 more." in refused(session, KmsKeyArn="")


def test_a_former_key_is_kept_until_nothing_lies_under_it(session: boto3.Session) -> None:
    put(session, f"{STACK}/acme", FORMER_KEY)
    before = {**BEFORE, "FormerKmsKeyArns": FORMER_KEY}
    lost = LostKeys.between(before, BEFORE)
    with pytest.raises(CommandError):
        lost.check(session, lambda: signing(session))
    session.client("secretsmanager").update_secret(SecretId=f"{STACK}/acme", KmsKeyId=KEY)
    lost.check(session, lambda: signing(session))


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param({"KmsKeyArn": KEY}, id="nothing changes"),
        pytest.param({"KmsKeyArn": NEW_KEY, "FormerKmsKeyArns": KEY}, id="it becomes a former one"),
        pytest.param({"KmsKeyArn": "", "FormerKmsKeyArns": f"{FORMER_KEY},{KEY}"}, id="it becomes one of two"),
    ],
)
def test_a_plan_goes_ahead_and_nothing_is_asked(wanted: dict[str, str]) -> None:
    lost = LostKeys.between(BEFORE, {"SecretPrefix": STACK, **wanted})
    assert not lost.arns
    lost.check(boto3.Session(region_name="eu-west-1"), never)


def test_what_lies_under_another_key_or_belongs_to_others_stands_in_no_way(session: boto3.Session) -> None:
    put(session, f"{STACK}/under-the-key-of-aws")
    put(session, f"{STACK}/under-another", FORMER_KEY)
    put(session, f"{STACK}-of-another-team", KEY)
    LostKeys.between(BEFORE, {"SecretPrefix": STACK, "KmsKeyArn": ""}).check(session, lambda: signing(session))


@pytest.mark.parametrize(
    ("chosen", "deploys"),
    [
        pytest.param({}, False, id="without a plan it is refused"),
        pytest.param({"FormerKmsKeyArns": KEY}, True, id="with a plan it goes on"),
    ],
)
def test_make_deploy_looks_before_it_deploys(
    session: boto3.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: dict[str, str], *, deploys: bool
) -> None:
    put(session, f"{STACK}/acme", KEY)
    (tmp_path / "template.yaml").write_text(yaml.safe_dump(template()), "utf-8")
    answers = tmp_path / "samconfig.local.toml"
    Answers(STACK, "eu-west-1", chosen).write(answers)
    parameters = [{"ParameterKey": name, "ParameterValue": value} for name, value in BEFORE.items()]
    deployed: list[str] = []

    def sam(*_: object, **__: object) -> int:
        deployed.append(STACK)
        return 1

    monkeypatch.setattr(Deployment, "_account", lambda *_: ("111122223333", "somebody"))
    monkeypatch.setattr(Deployment, "_deployed", lambda *_: {"Parameters": parameters})
    monkeypatch.setattr(deploy, "_signing_secret", lambda *_: signing(session))
    monkeypatch.setattr(Deployment, "_sam", sam)
    deployment = Deployment(tmp_path, answers, yes=True)
    with nullcontext() if deploys else pytest.raises(CommandError, match="could no longer use"):
        deployment.run()
    assert bool(deployed) is deploys
