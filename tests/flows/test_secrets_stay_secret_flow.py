"""The canary test: after good and bad flows, tokens, secrets and codes are only in Secrets Manager."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from local.story.browser import Browser
from tests.flows.household import PERSON, Household
from token_refresher.credential.status_tags import STATUS_TAG

pytestmark = pytest.mark.exhaustive  # It waits for a failure, a revocation and a reconnect.

SECRET_KEYS = ("client_secret", "previous_client_secret", "developer_token", "access_token", "refresh_token")


@pytest.fixture(scope="module")
def secrets_in_use(household: Household) -> set[str]:
    """Run a good and several bad flows, and return every secret value of every version, state, code and invite."""
    held = household.connected("canary")
    household.refreshed(held, since=held.consumer.version_id())
    household.stack.identity_provider.fault(held.client_id, "server_error", times=1)
    household.reaches("canary", "retrying")
    household.stack.identity_provider.behave(held.client_id)
    household.stack.identity_provider.revoke(held.client_id)
    link, browser = household.link("canary", after=1), Browser()
    landing = household.open(link, browser)
    chooser = browser.press(landing, "Continue to Microsoft")
    done = household.see(browser.press(chooser, PERSON))
    household.open(done.url, Browser())
    found = {secret for name in _names(household) for secret in _secrets_of(household, name)}
    arrival = parse_qs(urlsplit(done.url).query)
    assert arrival["code"]
    found |= {arrival["code"][0], arrival["state"][0]}
    found |= {parse_qs(urlsplit(link).query)["invite"][0]}
    return found


def test_there_are_enough_secrets_for_the_search_to_mean_something(secrets_in_use: set[str]) -> None:
    assert len(secrets_in_use) > 10
    assert min(map(len, secrets_in_use)) > 15


def test_no_secret_is_in_a_log(household: Household, secrets_in_use: set[str]) -> None:
    texts = [log.read_text("utf-8", errors="replace") for log in household.stack.logs.glob("*.log")]
    logs = household.stack.aws.client("logs")
    groups = [group for page in logs.get_paginator("describe_log_groups").paginate() for group in page["logGroups"]]
    for group in groups:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        texts += [event["message"] for page in pages for event in page["events"]]
    searched = "\n".join(texts)
    assert "credential" in searched
    assert not [secret[:8] for secret in secrets_in_use if secret in searched]


def test_no_secret_is_in_a_table(household: Household, secrets_in_use: set[str]) -> None:
    """The PKCE verifier of a consent under way is in a table, by design; without the code it is worth nothing."""
    client = household.stack.aws.client("dynamodb")
    tables = [
        list(client.get_paginator("scan").paginate(TableName=name)) for name in client.list_tables()["TableNames"]
    ]
    searched = json.dumps(tables, default=str)
    assert "canary" in searched
    assert not [secret[:8] for secret in secrets_in_use if secret in searched]


def test_no_secret_is_in_a_tag(household: Household, secrets_in_use: set[str]) -> None:
    pages = household.secrets.get_paginator("list_secrets").paginate()
    searched = json.dumps([secret.get("Tags", []) for page in pages for secret in page["SecretList"]])
    assert STATUS_TAG in searched
    assert not [secret[:8] for secret in secrets_in_use if secret in searched]


def test_no_secret_is_in_a_message_and_only_alerts_hold_links(household: Household, secrets_in_use: set[str]) -> None:
    household.inbox.collect()
    links = [alert["connect_url"] for alert in household.inbox.received if alert["connect_url"]]
    invites = _invites(household)
    searched = json.dumps([{**alert, "connect_url": None} for alert in household.inbox.received])
    assert not [secret[:8] for secret in secrets_in_use if secret in searched]
    assert not [link for link in links for secret in secrets_in_use - invites if secret in link]


def test_no_secret_is_on_a_page(household: Household, secrets_in_use: set[str]) -> None:
    pages = [page.html for page in household.pages if page.url.startswith(household.stack.public_url)]
    invites = _invites(household)
    searched = "\n".join(pages)
    assert "Connected" in searched
    # The page of a link has its invite in the form.
    assert not [secret[:8] for secret in secrets_in_use - invites if secret in searched]


def _invites(household: Household) -> set[str]:
    household.inbox.collect()
    links = [alert["connect_url"] for alert in household.inbox.received if alert["connect_url"]]
    return {parse_qs(urlsplit(link).query)["invite"][0] for link in links}


def _names(household: Household) -> list[str]:
    pages = household.secrets.get_paginator("list_secrets").paginate()
    names = [secret["Name"] for page in pages for secret in page["SecretList"]]
    return [name for name in names if name.startswith(f"{household.stack.prefix}/")]


def _secrets_of(household: Household, secret_id: str) -> set[str]:
    versions = household.secrets.list_secret_version_ids(SecretId=secret_id, IncludeDeprecated=True)["Versions"]
    documents: list[dict[str, Any]] = [
        json.loads(
            household.secrets.get_secret_value(SecretId=secret_id, VersionId=version["VersionId"])["SecretString"]
        )
        for version in versions
    ]
    return {document[key] for document in documents for key in SECRET_KEYS if isinstance(document.get(key), str)}
