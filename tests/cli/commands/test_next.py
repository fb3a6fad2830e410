"""``token-refresher next``."""

import json

import pytest

from tests.cli.desk import Desk
from token_refresher.credential.status import Status


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell says in which Region it is, so that no command need."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_REGION", raising=False)


def done(desk: Desk) -> dict[str, bool | None]:
    return {step["step"]: step["done"] for step in json.loads(desk.done("next", "--output", "json"))["steps"]}


def test_a_new_installation_has_everything_before_it(desk: Desk) -> None:
    printed = desk.done("next")
    assert "✓" not in printed
    order = [
        desk.installation.outputs["CallbackUrl"],
        "aws sns subscribe --topic-arn arn:aws:sns:us-east-1:",
        "token-refresher add NAME",
        "token-refresher link NAME",
        desk.installation.outputs["DashboardUrl"],
        "token-refresher doctor --output json",
    ]
    places = [printed.index(words) for words in order]
    assert places == sorted(places)


def test_a_step_that_is_done_is_ticked_and_its_command_is_no_longer_said(desk: Desk) -> None:
    desk.put("acme-bing-ads")
    printed = desk.done("next")
    assert "✓ 3. Add a credential." in printed
    assert "token-refresher add" not in printed


def test_each_credential_that_waits_for_a_sign_in_has_its_link(desk: Desk) -> None:
    for name, status in (("one", Status.AWAITING_CONSENT), ("two", Status.NEEDS_CONSENT), ("three", Status.HEALTHY)):
        desk.put(name)
        desk.know(name, status)
    printed = desk.done("next")
    assert "token-refresher link one" in printed
    assert "token-refresher link two" in printed
    assert "token-refresher link three" not in printed


def test_what_nobody_can_tell_from_here_is_neither_done_nor_undone(desk: Desk) -> None:
    identity = {"username": "ads-owner@example.com", "consented_at": "2026-01-01T00:00:00Z"}
    desk.put("one", identity=identity)
    desk.know("one")
    topic = desk.installation.outputs["AlertTopicArn"]
    desk.installation.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:1:alerts")
    assert done(desk) == {
        "redirect-uri": True,
        "alerts": True,
        "add": True,
        "sign-in": True,
        "dashboard": None,
        "doctor": None,
    }
