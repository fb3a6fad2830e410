"""The whole story of one credential, told on this machine; every step is checked against the AWS APIs."""

import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn

import requests
from rich.console import Console
from rich.table import Table

from local.alerts import AlertInbox
from local.application import ACCOUNT_ID, Application
from local.browser import Browser
from local.consumer import Consumer, fingerprint
from local.operator import Operator
from local.patience import eventually
from local.session import CommandEndedError, Session
from local.stack import LocalStack

NAME = "acme-bing-ads"
PERSON = "ads-owner@example.com"
CUSTOMER_ID = "7654321"
OWNER = {"team": "marketing data", "cost_centre": 1.5}
TOKEN_LIFETIME_SECONDS = 60
"""Instead of an hour, so that the story shows two refreshes in two minutes."""
PATIENCE_SECONDS = 90


class StoryStoppedError(Exception):
    """A step did not hold; the message says what was seen instead."""


@dataclass
class Story:
    """Tells the story on a running stack."""

    stack: LocalStack
    console: Console
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    steps: list[tuple[str, str, float]] = field(default_factory=list)

    def tell(self) -> None:
        """Tell it to its end.

        Raises:
            StoryStoppedError: A step did not hold.
        """
        self.session = Session(Operator(self.stack), self._print)
        self.inbox = AlertInbox(self.stack.aws, self.stack.outputs["AlertTopicArn"], "story-alerts")
        self.consumer = Consumer(self.stack.aws, f"{self.stack.prefix}/{NAME}", self.stack.parameters["AdsApiUrl"])
        self._step("An operator adds a credential", self._add)
        self._step("The tick finds it and asks for a sign-in", self._first_alert)
        self._step("A person opens the link and signs in", self._connect)
        self._step("First tokens in Secrets Manager", self._first_tokens)
        self._step("The operator looks at the list, and adds a key", self._list)
        self._step("The tick refreshes it", self._refreshed)
        self._step("The operator asks for a refresh", self._refreshed_on_demand)
        self._step("A pipeline reads the secret and calls the API", self._read)
        self._step("The grant is revoked; the alert arrives", self._revoked)
        self._step("The operator sees what is wrong", self._show)
        self._step("The link in the alert reconnects", self._reconnect)
        self._step("The recovery notice arrives", self._recovered)
        self._step("Tokens flow again", self._refreshed)
        self._step("The client secret is replaced", self._rotate_client_secret)
        self._step("It is paused, and resumed", self._pause)
        self._step("Nobody was told anything else", self._told_once)
        self._step("The doctor finds nothing", self._doctor)

    # --- the steps; each returns what was seen -----------------------------------------------------------------

    def _add(self) -> str:
        self.application = Application.register(
            self.stack, client_id=self.client_id, access_token_lifetime_seconds=TOKEN_LIFETIME_SECONDS
        )
        self.session.begin("Add a credential")
        address = f"https://ui.ads.microsoft.com/campaign/vnext/campaigns?aid={ACCOUNT_ID}&cid={CUSTOMER_ID}"
        answers = (
            ("Client id of the app:", self.client_id),
            ("Client secret", self.application.client_secret),
            ("Developer token", "local-developer-token"),
            ("Address of the account", address),
            ("When the client secret expires", "2099-12-31"),
        )
        self.session.run("add", NAME, answers=answers)
        document = self.consumer.document()
        self._expect(document["account_id"] == ACCOUNT_ID, "the address of the account was not understood")
        self._expect(document["client_secret"] == self.application.client_secret, "the client secret is another")
        return f"secret {self.stack.prefix}/{NAME}"

    def _first_alert(self) -> str:
        self.alert = self._alert("reconsent_required")
        self._expect_entry("awaiting_consent")
        return "registry: awaiting_consent; SNS: reconsent_required with a link"

    def _connect(self) -> str:
        browser = Browser()
        landing = browser.open(self.alert["connect_url"])
        self._expect(landing.heading == "Connect Microsoft Advertising", f"the link shows {landing.heading!r}")
        chooser = browser.press(landing, "Continue to Microsoft")
        done = browser.press(chooser, PERSON)
        self._expect(done.heading == "Connected", f"the last page says {done.heading!r}: {done.text}")
        return f"three clicks, as {PERSON}; the page says {done.heading!r}"

    def _first_tokens(self) -> str:
        document = self.consumer.document()
        self._expect(bool(document.get("refresh_token")), "there is no refresh token in AWSCURRENT")
        self._expect(document["identity"]["username"] == PERSON, "the identity in the secret is another")
        self._expect_entry("healthy")
        self._expect(bool(self.inbox.wait_for(NAME, "connected", 10)), "no connected notice arrived")
        return f"version {self.consumer.version_id()[:8]}, refresh token {self._lineage()}, SNS: connected"

    def _refreshed(self) -> str:
        version, presented = self.consumer.version_id(), self._lineage()
        issued = eventually(
            lambda: self._lineage() if self.consumer.version_id() != version else None, PATIENCE_SECONDS
        )
        if issued is None:
            self._stop("no tick refreshed it", self._entry())
        self._expect(issued != presented, "the refresh token did not rotate")
        newest = self.stack.identity_provider.newest_refresh_token(self.client_id)
        self._expect(issued == newest, f"AWSCURRENT holds {issued}, and {newest} was issued last")
        document = self.consumer.document()
        self._expect(document["owner"] == OWNER, "an unknown key was lost")
        self._expect_entry("healthy")
        return f"refresh token {presented} -> {issued}, the newest issued"

    def _list(self) -> str:
        self.session.begin("See how everything is")
        listed = self.session.run("list")
        self._expect("healthy" in listed.stdout, "the list does not say that it is healthy")
        self.session.run("set", NAME, f"owner:={json.dumps(OWNER)}")
        self._expect(self.consumer.document()["owner"] == OWNER, "the key of the operator is not there")
        return "token-refresher list: healthy"

    def _refreshed_on_demand(self) -> str:
        version, presented = self.consumer.version_id(), self._lineage()
        self.session.begin("Refresh it now")
        self.session.run("refresh", NAME)
        issued = self._lineage()
        self._expect(self.consumer.version_id() != version, "the secret has no new version")
        self._expect(issued != presented, "the refresh token did not rotate")
        self.session.run("verify", NAME)
        return f"refresh token {presented} -> {issued}, before it was due"

    def _show(self) -> str:
        self.session.begin("See what is wrong with it")
        shown = self.session.run("show", NAME)
        self._expect("needs_consent" in shown.stdout, "it does not say that a person has to sign in")
        self.session.run("link", NAME)
        return "token-refresher show: needs_consent, with the remedy"

    def _rotate_client_secret(self) -> str:
        newer = f"local-{uuid.uuid4()}"
        self.stack.identity_provider.register(
            self.client_id,
            client_secret=self.application.client_secret,
            newer_client_secret=newer,
            redirect_uris=[self.stack.outputs["CallbackUrl"]],
            access_token_lifetime_seconds=TOKEN_LIFETIME_SECONDS,
        )
        self.session.begin("Replace the client secret")
        self.session.run("rotate-client-secret", NAME, "--expires-at", "2099-12-31", answers=[("client secret", newer)])
        document = self.consumer.document()
        self._expect(document["client_secret"] == newer, "the secret does not hold the new client secret")
        self._expect("previous_client_secret" not in document, "the old client secret was kept")
        return "checked with a refresh, and the old one removed"

    def _pause(self) -> str:
        self.session.begin("Set it aside for a while")
        self.session.run("pause", NAME)
        self._expect_entry("paused")
        self.session.run("resume", NAME)
        self._expect_entry("healthy")
        return "registry: paused, then healthy"

    def _doctor(self) -> str:
        self.session.begin("See to the whole installation")
        self.session.run("doctor")
        self.session.run("history", NAME)
        return "token-refresher doctor: exit code 0"

    def _read(self) -> str:
        document = self.consumer.document()
        left = (datetime.fromisoformat(document["expires_at"]) - datetime.now(UTC)).total_seconds()
        self._expect(left > 0, f"the token a pipeline reads ended {-left:.0f} s ago")
        status = self.consumer.call_ads_api()
        self._expect(status == requests.codes.ok, f"the Ads API answered {status}")
        self._print_document(document)
        return f"get-secret-value, {left:.0f} s of {TOKEN_LIFETIME_SECONDS} left; the Ads API answers {status}"

    def _revoked(self) -> str:
        self.stack.identity_provider.revoke(self.client_id)
        self.alert = self._alert("reconsent_required", beyond=1)
        self._expect_entry("needs_consent")
        self.console.print_json(json.dumps(_without_invite(self.alert)), indent=2)
        return f"registry: needs_consent; SNS: {self.alert['code']}, {self.alert['cause']}"

    def _reconnect(self) -> str:
        result = self._connect()
        old_link = Browser().open(self.alert["connect_url"])
        self._expect(old_link.heading == "Already connected", f"the used link says {old_link.heading!r}")
        self._expect_entry("healthy")
        return f"{result}; the used link says {old_link.heading!r}"

    def _recovered(self) -> str:
        notice = self.inbox.wait_for(NAME, "recovered", 10)
        if notice is None:
            self._stop("no recovery notice arrived", self._entry())
        return f"SNS: {notice['summary']}"

    def _told_once(self) -> str:
        events = [alert["event"] for alert in self.inbox.of(NAME)]
        expected = ["reconsent_required", "connected", "reconsent_required", "recovered"]
        self._expect(sorted(events) == sorted(expected), f"the alerts were {events}")
        outcomes = [event["outcome"] for event in self.stack.identity_provider.journal(self.client_id)]
        self._expect("reuse_detected" not in outcomes, "a spent refresh token was presented")
        return f"{len(events)} messages in all; the token endpoint was asked {len(outcomes)} times"

    # --- how it is told ------------------------------------------------------------------------------------------

    def _step(self, title: str, act: Callable[[], str]) -> None:
        begun = time.monotonic()
        with self.console.status(f"{title} …"):
            try:
                seen = act()
            except (StoryStoppedError, CommandEndedError) as stopped:
                raise StoryStoppedError(f"{title}: {stopped}") from None
        took = time.monotonic() - begun
        self.steps.append((title, seen, took))
        self.console.print(f"[green]✓[/] {title} [dim]({took:.0f} s)[/]\n  [dim]{seen}[/]", highlight=False)

    def table(self) -> Table:
        """Return the end: what was shown, and how long each step took."""
        table = Table(title="The story of one credential", title_style="bold", row_styles=["", "dim"], expand=False)
        table.add_column("", justify="right")
        table.add_column("Step", style="bold", max_width=30)
        table.add_column("Seen in AWS", max_width=72, overflow="fold")
        table.add_column("Took", justify="right", no_wrap=True)
        for number, (title, seen, took) in enumerate(self.steps, 1):
            table.add_row(str(number), title, seen, f"{took:.0f} s")
        return table

    def _print(self, text: str) -> None:
        """Show what the operator's terminal shows, with links that lead nowhere for whoever reads this later."""
        self.console.print(re.sub(r"invite=[\w.~-]+", "invite=…", text), markup=False, highlight=False, soft_wrap=True)

    def _print_document(self, document: dict[str, Any]) -> None:
        """Show what a pipeline reads, with a fingerprint in place of every secret."""
        hidden = {"client_secret", "previous_client_secret", "developer_token", "access_token", "refresh_token"}
        shown = {key: f"<{fingerprint(value)}>" if key in hidden else value for key, value in document.items()}
        self.console.print_json(json.dumps(shown), indent=2)

    # --- looking -------------------------------------------------------------------------------------------------

    def _alert(self, event: str, beyond: int = 0) -> dict[str, Any]:
        found = eventually(lambda: self.inbox.of(NAME, event)[beyond:] or None, PATIENCE_SECONDS)
        if found is None:
            self._stop(f"no {event} arrived", self._entry())
        newest: dict[str, Any] = found[-1]
        return newest

    def _lineage(self) -> str:
        return fingerprint(self.consumer.document()["refresh_token"])

    def _entry(self) -> dict[str, Any]:
        table = self.stack.aws.table(self.stack.outputs["CredentialsTableName"])
        entry: dict[str, Any] = table.get_item(Key={"name": NAME}, ConsistentRead=True).get("Item", {})
        return entry

    def _expect_entry(self, status: str) -> None:
        entry = eventually(lambda: entry if (entry := self._entry()).get("status") == status else None, 10)
        if entry is None:
            self._stop(f"the registry does not say {status}", self._entry())

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self._stop(otherwise, self._entry())

    def _stop(self, what: str, entry: dict[str, Any]) -> NoReturn:
        seen = {key: str(value) for key, value in entry.items()}
        raise StoryStoppedError(f"{what}. The registry says: {json.dumps(seen)}")


def _without_invite(alert: dict[str, Any]) -> dict[str, Any]:
    """A link lets whoever holds it connect: the terminal shows where it leads, and not what it carries."""
    return {**alert, "connect_url": f"{alert['connect_url'].partition('=')[0]}=…"}
