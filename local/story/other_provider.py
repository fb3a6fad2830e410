"""The story of a second credential, at a provider where each refresh token works once."""

from collections.abc import Callable
from dataclasses import dataclass

from local.identity_provider.catalogue import LOCAL
from local.stack.providers import put_providers, scope_of
from local.stack.stack import LocalStack
from local.stack.waiting import eventually
from local.story.alerts import AlertInbox
from local.story.application import Application, put_secret
from local.story.browser import Browser
from local.story.consumer import Consumer, fingerprint

NAME = "acme-xero"
PROVIDER = "xero"
TOKEN_LIFETIME_SECONDS = 30
"""So short that each tick refreshes."""


@dataclass
class OtherProvider:
    """Adds, connects and refreshes the second credential.

    Attributes:
        stack: The running stack.
        inbox: Receives the alerts.
        expect: Stops the story with a text if something does not hold.
    """

    stack: LocalStack
    inbox: AlertInbox
    expect: Callable[[bool, str], None]

    def connect(self, person: str) -> str:
        """Add the credential, wait for the alert, and sign in."""
        put_providers(self.stack, [PROVIDER])
        self.application = Application.register(
            self.stack,
            provider=PROVIDER,
            rotation="strict",
            access_token_lifetime_seconds=TOKEN_LIFETIME_SECONDS,
        )
        document = self.application.document(provider=f"{LOCAL}{PROVIDER}", scope=scope_of(PROVIDER))
        put_secret(self.stack, NAME, document)
        alert = self.inbox.wait_for(NAME, "reconsent_required")
        self.expect(alert is not None, f"nobody was asked to sign in for {NAME}")
        browser = Browser()
        landing = browser.open(str((alert or {})["connect_url"]))
        done = browser.press(browser.press(landing, "Continue to"), person)
        self.expect(done.heading == "Connected", f"the last page says {done.heading!r}: {done.text}")
        return f"provider {LOCAL}{PROVIDER}, HTTP Basic and PKCE; the page says {done.heading!r}"

    def rotate(self) -> str:
        """Let ticks refresh the credential twice; no refresh token is presented a second time."""
        consumer = Consumer(self.stack.aws, f"{self.stack.prefix}/{NAME}", self.stack.parameters["AdsApiUrl"])
        lineages = [fingerprint(consumer.document()["refresh_token"])]
        for _ in range(2):
            before = consumer.version_id()
            self.expect(bool(eventually(lambda: consumer.version_id() != before)), f"no tick refreshed {NAME}")  # noqa: B023 - It is called at once.
            lineages.append(fingerprint(consumer.document()["refresh_token"]))
        journal = self.stack.identity_provider.journal(self.application.client_id)
        presented = [event["presented"] for event in journal if event["presented"]]
        self.expect(len(set(lineages)) == len(lineages), "the refresh token did not rotate")
        self.expect(len(set(presented)) == len(presented), "a spent refresh token was presented")
        self.expect({event["outcome"] for event in journal} == {"issued"}, "the provider refused a request")
        return f"refresh token {' -> '.join(lineages)}; each was presented once"
