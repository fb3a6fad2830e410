"""``token-refresher doctor``: the command around the checks."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.stack.toolchain import ROOT
from tests.cli.desk import NOW, Desk
from token_refresher.base.clock import to_rfc3339
from token_refresher.credential.status import Status
from token_refresher_cli.doctor.catalogue import CHECKS
from token_refresher_cli.doctor.context import CheckContext, ask_health

SECRETS = ("--only", "secrets", "--only", "people", "--only", "duplicates")


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell says in which Region it is, so that no command need."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_REGION", raising=False)


def test_names_of_checks_are_unique_and_in_kebab_case() -> None:
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalpha() and name == name.lower() for name in names)


def test_it_ends_with_0_where_nothing_is_wrong(desk: Desk) -> None:
    desk.put("acme-bing-ads", account_id="1")
    desk.know("acme-bing-ads")
    printed = desk.done("doctor", *SECRETS)
    assert printed.splitlines()[-1] == "Of 3 checks 3 found nothing."


def test_the_worst_is_said_last_each_with_its_remedy(desk: Desk) -> None:
    desk.put("acme-bing-ads", tenant="")
    result = desk.run("doctor", "--only", "secrets", "--only", "timing")
    assert result.exit_code == 11
    first, wrong, remedy, _, counted = result.stdout.splitlines()
    assert first.startswith("✓ timing: ")
    assert wrong.startswith("✗ secrets: acme-bing-ads is no credential document: tenant is empty")
    assert remedy == "  → token-refresher set acme-bing-ads KEY=VALUE"
    assert counted == "Of 2 checks 1 found nothing, 1 found a problem."


def test_the_json_has_the_shape_that_monitors_rely_on(desk: Desk) -> None:
    desk.put("acme-bing-ads")
    desk.know("acme-bing-ads", Status.AWAITING_CONSENT)
    result = desk.run("doctor", *SECRETS, "--output", "json")
    assert result.exit_code == 10
    document = json.loads(result.stdout)
    assert {key: document[key] for key in ("stack", "region", "at", "level")} == {
        "stack": "token-refresher",
        "region": "us-east-1",
        "at": to_rfc3339(NOW),
        "level": "warning",
    }
    assert [check["check"] for check in document["checks"]] == ["secrets", "people", "duplicates"]
    [finding] = document["checks"][1]["findings"]
    assert finding == {
        "level": "warning",
        "credential": "acme-bing-ads",
        "text": "acme-bing-ads waits for its first sign-in.",
        "remedy": "token-refresher link acme-bing-ads",
    }


def test_a_check_that_is_skipped_is_not_made(desk: Desk) -> None:
    printed = desk.done("doctor", *SECRETS, "--skip", "people", "--output", "json")
    assert [check["check"] for check in json.loads(printed)["checks"]] == ["secrets", "duplicates"]


def test_no_check_left_is_an_input_that_cannot_be_meant(desk: Desk) -> None:
    assert desk.run("doctor", "--only", "people", "--skip", "people").exit_code == 2
    assert desk.run("doctor", "--only", "everything").exit_code == 2


def test_a_right_that_is_missing_is_named_and_the_other_checks_go_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: CheckContext) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeParameters")

    [escrow] = [check for check in CHECKS if check.name == "escrow"]
    monkeypatch.setitem(escrow.__dict__, "run", refused)
    result = desk.run("doctor", "--only", "escrow", "--only", "secrets")
    assert result.exit_code == 10
    assert "? escrow: It could not be checked: the right ssm:DescribeParameters is missing." in result.stdout
    assert "✓ secrets" in result.stdout


def test_another_error_of_aws_leaves_its_check_open(desk: Desk) -> None:
    desk.installation.client("sqs").delete_queue(QueueUrl=desk.installation.outputs["RefreshDeadLetterQueueUrl"])
    result = desk.run("doctor", "--only", "dead-letter")
    assert result.exit_code == 10
    assert "? dead-letter: It could not be checked. AWS refused GetQueueAttributes" in result.stdout


def test_what_aws_has_is_what_the_checks_see(desk: Desk) -> None:
    """The adapters, as far as they need no deployed stack; that is for the flows."""
    installation = desk.installation
    installation.client("sqs").send_message(
        QueueUrl=installation.outputs["RefreshDeadLetterQueueUrl"],
        MessageBody="{}",
        MessageGroupId="one",
        MessageDeduplicationId="one",
    )
    installation.client("ssm").put_parameter(
        Name=f"{installation.environment['ESCROW_PATH']}/agency.2Fone/attempt", Value="planted", Type="SecureString"
    )
    installation.client("sns").subscribe(
        TopicArn=installation.outputs["AlertTopicArn"], Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:1:alerts"
    )
    installation.secrets_client.create_secret(
        Name=installation.secret_id("old-name"),
        SecretString="{}",
        Tags=[
            {"Key": "token-refresher:moved-to", "Value": "new-name"},
            {"Key": "token-refresher:moved-until", "Value": "2026-11-01T00:00:00Z"},
        ],
    )
    asked = [word for name in ("dead-letter", "escrow", "alerts", "pointers") for word in ("--only", name)]
    printed = desk.run("doctor", *asked).stdout
    assert "! dead-letter: A request was moved to the dead-letter queue" in printed
    assert "escrow" in printed
    assert "✓ alerts: Alerts go to sqs arn:aws:sqs:us-east-1:1:alerts." in printed
    assert "→ token-refresher remove old-name" in printed
    assert "planted" not in printed


def test_a_page_that_is_not_there_has_no_version() -> None:
    health = ask_health("http://localhost:9/health")
    assert (health.version, health.trouble) == (None, "does not answer (ConnectionError)")


def test_a_remedy_leads_to_a_page_that_there_is() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "cli/token_refresher_cli/doctor").glob("*.py"))
    deploy = (ROOT / "docs" / "deploy.md").read_text("utf-8").lower()
    anchors = set(re.findall(r"docs/deploy\.md#([a-z-]+)", sources))
    assert anchors
    assert anchors <= {heading.strip().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", deploy, re.MULTILINE)}


def test_it_prints_no_secret(desk: Desk) -> None:
    tokens = {"refresh_token": "planted-refresh-token", "access_token": "planted-access-token"}
    desk.put("one", account_id="1", **tokens)
    desk.put("two", account_id="1", tenant="planted/tenant", **tokens)
    asked = [
        word for name in ("secrets", "duplicates", "client-secrets", "refresh-tokens") for word in ("--only", name)
    ]
    for output in ("table", "json"):
        result = desk.run("doctor", *asked, "--output", output)
        assert result.exit_code == 11
        assert "planted" not in result.stdout + result.stderr


def test_a_remedy_says_which_installation_it_is_about_where_the_shell_does_not(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    desk.installation = replace(desk.installation, stack="europe")
    desk.put("acme-bing-ads", tenant="")
    printed = desk.run("doctor", "--only", "secrets").stdout
    assert "token-refresher --stack europe --region us-east-1 set acme-bing-ads KEY=VALUE" in printed


def test_a_stack_of_another_version_stops_no_other_check(desk: Desk) -> None:
    environment = {name: value for name, value in desk.installation.environment.items() if name != "ESCROW_PATH"}
    desk.installation = replace(desk.installation, environment=environment)
    result = desk.run("doctor", "--only", "escrow", "--only", "secrets")
    assert "? escrow: It could not be checked: the stack has no ESCROW_PATH." in result.stdout
    assert "✓ secrets" in result.stdout
