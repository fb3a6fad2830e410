"""The story of a credential on the local stack, and of a second one. Every step is checked through the AWS APIs."""

import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import requests
from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.recipes.pipeline import RecipeFailedError
from local.stack.stack import LocalStack
from local.stack.waiting import eventually
from local.story.alerts import AlertInbox
from local.story.application import ACCOUNT_ID, Application
from local.story.browser import Browser
from local.story.consumer import Consumer, fingerprint
from local.story.operator import Operator
from local.story.other_provider import OtherProvider
from local.story.sdk import SdkMisbehavedError, call_by_the_sdk
from local.story.session import CommandEndedError, Session
from token_refresher_client.reader import CONSUMER_PREFIX, TokenReader

NAME = "acme-bing-ads"
PERSON = "ads-owner@example.com"
CUSTOMER_ID = "7654321"
OWNER = {"team": "marketing data", "cost_centre": 1.5}
TOKEN_LIFETIME_SECONDS = 60
"""Instead of an hour, so that two refreshes take two minutes."""


class StoryStoppedError(Exception):
    """A check of a step failed. The message says what was seen instead."""


@dataclass
class Story:
    """Runs the story on a running stack."""

    stack: LocalStack
    console: Console
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    steps: list[tuple[str, str, float]] = field(default_factory=list)

    def run(self) -> None:
        """Run all steps.

        Raises:
            StoryStoppedError: A check of a step failed.
        """
        self.session = Session(Operator(self.stack), self._print)
        self.inbox = AlertInbox(self.stack.aws, self.stack.outputs["AlertTopicArn"], "story-alerts")
        self.consumer = Consumer(self.stack.aws, f"{self.stack.prefix}/{NAME}", self.stack.parameters["AdsApiUrl"])
        self._step("An operator adds a credential", self._add)
        self._step("The tick finds it and asks for a sign-in", self._first_alert)
        self._step("A person opens the link and signs in", self._connect)
        self._step("First tokens in Secrets Manager", self._first_tokens)
        self._step("The operator lists the credentials, and adds a key", self._list)
        self._step("A pipeline gets a secret of its own", self._publish)
        self._step("The tick refreshes it", self._refreshed)
        self._step("The operator asks for a refresh", self._refreshed_on_demand)
        self._step("A pipeline reads the secret and calls the API", self._read)
        self._step("The official SDK makes its call", self._sdk)
        self._step("The grant is revoked, and the alert arrives", self._revoked)
        self._step("The operator sees what is wrong", self._show)
        self._step("The link in the alert reconnects", self._reconnect)
        self._step("The recovery notice arrives", self._recovered)
        self._step("Tokens flow again", self._refreshed)
        self._step("The operator replaces the client secret", self._rotate_client_secret)
        self._step("The operator pauses and resumes the credential", self._pause)
        self._step("No other alert was sent", self._no_other_alert)
        self._step("The doctor finds nothing", self._doctor)
        other = OtherProvider(self.stack, self.inbox, self._expect)
        self._step("Another provider is connected", lambda: other.connect(PERSON))
        self._step("Its refresh tokens rotate strictly", other.rotate)

    # --- Steps: each returns what it saw -----------------------------------------------------------------------

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
            ("Expiry of the client secret", "2099-12-31"),
        )
        self.session.run("add", NAME, answers=answers)
        document = self.consumer.document()
        self._expect(document["account_id"] == ACCOUNT_ID, "the command did not understand the address of the account")
        self._expect(
            document["client_secret"] == self.application.client_secret, "the secret holds another client secret"
        )
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
        self._expect(document["identity"]["username"] == PERSON, "the secret holds another identity")
        self._expect_entry("healthy")
        self._expect(bool(self.inbox.wait_for(NAME, "connected")), "no connected notice arrived")
        return f"version {self.consumer.version_id()[:8]}, refresh token {self._lineage()}, SNS: connected"

    def _refreshed(self) -> str:
        version, presented = self.consumer.version_id(), self._lineage()
        issued = eventually(lambda: self._lineage() if self.consumer.version_id() != version else None)
        if issued is None:
            self._stop("no tick refreshed the credential", self._entry())
        self._expect(issued != presented, "the refresh token did not rotate")
        newest = self.stack.identity_provider.newest_refresh_token(self.client_id)
        self._expect(issued == newest, f"AWSCURRENT holds {issued}, but the newest issued token is {newest}")
        document = self.consumer.document()
        self._expect(document["owner"] == OWNER, "an unknown key was lost")
        self._expect_entry("healthy")
        return f"refresh token {presented} -> {issued}, the newest issued"

    def _list(self) -> str:
        self.session.begin("See how everything is")
        listed = self.session.run("list")
        self._expect("healthy" in listed.stdout, "the list does not say that the credential is healthy")
        self.session.run("set", NAME, f"owner:={json.dumps(OWNER)}")
        self._expect(self.consumer.document()["owner"] == OWNER, "the operator's key is missing")
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
        # The alert comes before the line in the log, which the command shows as well.
        self._expect(eventually(lambda: self._is_logged("needs_a_person")), "the log has no refused refresh")
        self.session.begin("See what is wrong with it")
        shown = self.session.run("show", NAME)
        self._expect("needs_consent" in shown.stdout, "the command does not say that a person has to sign in")
        self.session.run("link", NAME)
        return "token-refresher show: needs_consent, and what to do"

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
        return "checked with a refresh, and the old client secret removed"

    def _pause(self) -> str:
        self.session.begin("Set it aside for a while")
        self.session.run("pause", NAME)
        self._expect_entry("paused")
        self._expect_published("paused")
        self.session.run("resume", NAME)
        self._expect_entry("healthy")
        self._expect_published("healthy")
        return "registry, and the secret for pipelines: paused, then healthy"

    def _doctor(self) -> str:
        self.session.begin("See to the whole installation")
        self.session.run("doctor")
        self.session.run("history", NAME)
        return "token-refresher doctor: exit code 0"

    def _read(self) -> str:
        document = self.consumer.document()
        left = (datetime.fromisoformat(document["expires_at"]) - datetime.now(UTC)).total_seconds()
        self._expect(left > 0, f"the access token in the secret expired {-left:.0f} s ago")
        status = self.consumer.call_ads_api()
        self._expect(status == requests.codes.ok, f"the Ads API answered {status}")
        self._print_document(document)
        return f"get-secret-value, {left:.0f} s of {TOKEN_LIFETIME_SECONDS} left; the Ads API answers {status}"

    def _publish(self) -> str:
        self.session.begin("Give a pipeline a secret of its own")
        self.session.run("publish", NAME, "--developer-token")
        secrets = self.stack.aws.client("secretsmanager")
        published = eventually(lambda: self._published(secrets))
        if published is None:
            self._stop("nothing was published", self._entry())
        self._expect(
            not {"refresh_token", "client_secret"} & published.keys(), "a pipeline can read what it must not have"
        )
        reader = TokenReader(NAME, client=secrets, min_remaining=timedelta(seconds=1))
        token = reader.token()
        consumer = Consumer(self.stack.aws, reader.secret_id, self.stack.parameters["AdsApiUrl"])
        status = consumer.call_ads_api()
        self._expect(status == requests.codes.ok, f"the Ads API answered {status}")
        self._print_document(published)
        return f"{reader.secret_id}, {reader.remaining(token).total_seconds():.0f} s left; the Ads API answers {status}"

    def _sdk(self) -> str:
        secrets = self.stack.aws.client("secretsmanager")
        before = self._published(secrets) or {}
        call = call_by_the_sdk(self.stack, NAME)
        published = [one["access_token"] for one in (before, self._published(secrets) or {}) if one]
        self._expect(call.access_token in published, "the SDK did not send the token of the secret")
        self._expect(call.headers.get("CustomerId") == CUSTOMER_ID, "the SDK sent another customer")
        return (
            f"bingads: {call.operation} over SOAP, with token <{fingerprint(call.access_token)}>, and no other request"
        )

    def _expect_published(self, status: str) -> None:
        secrets = self.stack.aws.client("secretsmanager")
        seen = eventually(lambda: (self._published(secrets) or {}).get("status") == status)
        self._expect(seen, f"pipelines do not read the status {status}")

    def _published(self, secrets: Any) -> dict[str, Any] | None:
        try:
            text = secrets.get_secret_value(SecretId=f"{CONSUMER_PREFIX}/{NAME}")["SecretString"]
        except secrets.exceptions.ResourceNotFoundException:
            return None
        document: dict[str, Any] = json.loads(text)
        return document

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
        notice = self.inbox.wait_for(NAME, "recovered")
        if notice is None:
            self._stop("no recovery notice arrived", self._entry())
        return f"SNS: {notice['summary']}"

    def _no_other_alert(self) -> str:
        events = [alert["event"] for alert in self.inbox.of(NAME)]
        expected = ["reconsent_required", "connected", "reconsent_required", "recovered"]
        self._expect(sorted(events) == sorted(expected), f"the alerts were {events}")
        outcomes = [event["outcome"] for event in self.stack.identity_provider.journal(self.client_id)]
        self._expect("reuse_detected" not in outcomes, "a spent refresh token was presented")
        return f"{len(events)} messages in all; {len(outcomes)} requests to the token endpoint"

    # --- Printing ------------------------------------------------------------------------------------------------

    def _step(self, title: str, act: Callable[[], str]) -> None:
        begun = time.monotonic()
        with self.console.status(Text(f"{title} …")):
            try:
                seen = act()
            except (StoryStoppedError, CommandEndedError, RecipeFailedError, SdkMisbehavedError) as stopped:
                raise StoryStoppedError(f"{title}: {stopped}") from None
        took = time.monotonic() - begun
        self.steps.append((title, seen, took))
        self.console.print(Text.assemble(("✓", "green"), f" {title} ", (f"({took:.0f} s)\n  {seen}", "dim")))

    def table(self) -> Table:
        """Return the summary: what each step saw, and how long it took."""
        table = Table(
            title="The story of a credential, and of a second one",
            title_style="bold",
            row_styles=["", "dim"],
            expand=False,
        )
        table.add_column("", justify="right")
        table.add_column("Step", style="bold", max_width=30)
        table.add_column("Seen in AWS", max_width=72, overflow="fold")
        table.add_column("Took", justify="right", no_wrap=True)
        for number, (title, seen, took) in enumerate(self.steps, 1):
            table.add_row(str(number), title, seen, f"{took:.0f} s")
        return table

    def _print(self, text: str) -> None:
        """Print the output of a command without the invites, which would let a later reader connect."""
        self.console.print(re.sub(r"invite=[\w.~-]+", "invite=…", text), soft_wrap=True)

    def _print_document(self, document: dict[str, Any]) -> None:
        """Print the secret's document, with a fingerprint in place of each secret value."""
        hidden = {"client_secret", "previous_client_secret", "developer_token", "access_token", "refresh_token"}
        shown = {key: f"<{fingerprint(value)}>" if key in hidden else value for key, value in document.items()}
        self.console.print_json(json.dumps(shown), indent=2)

    def _is_logged(self, result: str) -> bool:
        logs = self.stack.aws.client("logs")
        for group in logs.get_paginator("describe_log_groups").paginate().search("logGroups[].logGroupName"):
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
                if any(f'"{result}"' in event["message"] for event in page["events"]):
                    return True
        return False

    # --- Checks --------------------------------------------------------------------------------------------------

    def _alert(self, event: str, beyond: int = 0) -> dict[str, Any]:
        found = eventually(lambda: self.inbox.of(NAME, event)[beyond:])
        if not found:
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
        entry = eventually(lambda: entry if (entry := self._entry()).get("status") == status else None)
        if entry is None:
            self._stop(f"the registry does not say {status}", self._entry())

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self._stop(otherwise, self._entry())

    def _stop(self, what: str, entry: dict[str, Any]) -> NoReturn:
        seen = {key: str(value) for key, value in entry.items()}
        raise StoryStoppedError(f"{what}. The registry says: {json.dumps(seen)}")


def _without_invite(alert: dict[str, Any]) -> dict[str, Any]:
    """Return an alert without the invite in its link, which lets any holder connect."""
    return {**alert, "connect_url": f"{alert['connect_url'].partition('=')[0]}=…"}
