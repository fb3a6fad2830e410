"""Credentials at seven other providers, on the deployed stack: each behaves as its entry of the catalogue says."""

from dataclasses import dataclass
from typing import Any

import pytest

from local.identity_provider.catalogue import LOCAL, at_this_machine
from local.stack.providers import put_entry, put_providers, scope_of
from local.stack.waiting import eventually
from local.story.application import Application, put_secret
from local.story.browser import Browser
from tests.flows.household import PERSON, TOKEN_LIFETIME_SECONDS, Held, Household
from token_refresher.providers.catalogue.builtin import builtin
from token_refresher.providers.catalogue.entry import Reuse, TokenRotation

CONNECTED = ("xero", "google", "linkedin", "quickbooks", "zoho", "atlassian", "hubspot")

REPLACED = [
    name
    for name in CONNECTED
    if builtin(name).refresh_token.rotation is not TokenRotation.NEVER
    and builtin(name).refresh_token.reuse is not Reuse.NOTHING
]
"""Those at which an old refresh token has an end."""


@dataclass(frozen=True)
class Broken:
    """An entry that cannot be used.

    Attributes:
        name: The name of the entry, and of the credential.
        find: A text of Xero's entry at this machine.
        put: The text in its place.
        cause: What the alert says of it.
    """

    name: str
    find: str
    put: str
    cause: tuple[str, ...]


BROKEN = (
    Broken("no-toml", 'title = "Xero"', "title = Xero", ("/no-toml, line 4", "is not TOML")),
    Broken("unknown-key", 'title = "Xero"', 'titel = "Xero"', ("/unknown-key", "title is missing")),
    Broken(
        "plain-http",
        "http://localhost",
        "http://id.example.com",
        ("/plain-http, line 7", "authorization.authorization_endpoint must begin with https://"),
    ),
    Broken(
        "private-network",
        "http://localhost",
        "https://10.0.0.7",
        ("/private-network, line 7", "authorization.authorization_endpoint", "private network"),
    ),
)


def put_credential(household: Household, name: str, entry: str, provider: str) -> Held:
    """Create a credential whose entry is at this machine, and register its application at the provider."""
    application = Application.register(
        household.stack,
        planted="planted-client-secret",
        access_token_lifetime_seconds=TOKEN_LIFETIME_SECONDS,
        provider=provider,
    )
    document = application.document(provider=entry, scope=scope_of(provider), note="kept")
    put_secret(household.stack, name, document)
    return household.held(name, application.client_id, application.client_secret)


def connect(household: Household, link: str) -> str:
    """Open a link, press the button, choose a person; return the heading of the last page."""
    browser = Browser()
    chooser = browser.press(household.open(link, browser), "Continue to")
    return household.see(browser.press(chooser, PERSON)).heading


@pytest.fixture(scope="module")
def credentials(household: Household) -> dict[str, Held]:
    """One connected credential at each provider; those of the broken entries wait beside them."""
    origin = household.stack.identity_provider.url
    for broken in BROKEN:
        put_entry(household.stack, broken.name, at_this_machine("xero", origin).replace(broken.find, broken.put))
        put_credential(household, broken.name, broken.name, "xero")
    held = {}
    put_providers(household.stack, CONNECTED)
    for name in CONNECTED:
        held[name] = put_credential(household, name, f"{LOCAL}{name}", name)
    for name in CONNECTED:
        assert connect(household, household.link(name)) == "Connected"
    return held


@pytest.mark.parametrize("name", CONNECTED)
def test_the_link_connects_and_the_tick_refreshes(
    household: Household, credentials: dict[str, Held], name: str
) -> None:
    held = credentials[name]
    access_token = held.consumer.document()["access_token"]
    assert household.refreshed(held, since=held.consumer.version_id()), household.entry(name)
    document = held.consumer.document()
    assert document["access_token"] != access_token
    assert document["note"] == "kept"
    assert held.lineage == household.stack.identity_provider.newest_refresh_token(held.client_id)
    assert household.entry(name)["status"] == "healthy"


@pytest.mark.parametrize("name", REPLACED)
def test_no_replaced_refresh_token_is_presented(household: Household, credentials: dict[str, Held], name: str) -> None:
    held = credentials[name]

    def journal() -> list[dict[str, Any]]:
        return household.stack.identity_provider.journal(held.client_id)

    assert eventually(lambda: len(journal()) > 4)
    current = ""
    for event in journal():
        assert event["outcome"] == "issued"
        assert event["presented"] in {current or None, None}
        current = event["issued"] or current


def test_a_revoked_sign_in_alerts_with_the_providers_name_and_the_link_reconnects(
    household: Household, credentials: dict[str, Held]
) -> None:
    held = credentials["linkedin"]
    household.stack.identity_provider.revoke(held.client_id)
    link = household.link("linkedin", after=1)
    assert "LinkedIn" in household.inbox.of("linkedin", "reconsent_required")[-1]["cause"]
    assert connect(household, link) == "Connected"
    assert household.inbox.wait_for("linkedin", "recovered")
    assert household.refreshed(held, since=held.consumer.version_id())


def test_a_wrong_client_secret_at_a_provider_that_refuses_with_200_needs_the_operator(
    household: Household, credentials: dict[str, Held]
) -> None:
    held = credentials["zoho"]
    household.edit(held, client_secret="planted-wrong-client-secret")
    assert household.reaches("zoho", "needs_operator")
    household.edit(held, client_secret=held.client_secret)
    assert household.reaches("zoho", "healthy")


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_an_entry_that_cannot_be_used_needs_the_operator_for_its_credential_alone(
    household: Household, credentials: dict[str, Held], broken: Broken
) -> None:
    assert household.reaches(broken.name, "needs_operator")
    alert = household.inbox.wait_for(broken.name, "operator_action_required")
    assert alert
    for words in broken.cause:
        assert words in alert["cause"]
    assert household.entry("atlassian")["status"] == "healthy"
