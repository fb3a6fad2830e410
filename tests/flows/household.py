"""The people and the pipelines around a deployed stack, for short tests."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from local.stack.stack import LocalStack
from local.stack.waiting import eventually
from local.story.alerts import AlertInbox
from local.story.application import ACCOUNT_ID, Application, put_secret
from local.story.browser import Browser, PageSeen
from local.story.consumer import Consumer, fingerprint
from local.story.links import signing_secret

PERSON = "ads-owner@example.com"
TOKEN_LIFETIME_SECONDS = 30


@dataclass(frozen=True)
class Held:
    """A credential of the operator, and the pipeline that reads it."""

    name: str
    client_id: str
    client_secret: str
    consumer: Consumer

    @property
    def lineage(self) -> str:
        """The fingerprint of the current refresh token."""
        return fingerprint(self.consumer.document()["refresh_token"])


class Household:
    """An operator, a person with a browser, and a queue that receives the alerts."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.inbox = AlertInbox(stack.aws, stack.outputs["AlertTopicArn"], "flow-alerts")
        self.secrets = stack.aws.client("secretsmanager")
        self.pages: list[PageSeen] = []
        self._entries = stack.aws.table(stack.outputs["CredentialsTableName"])
        self._prepared: dict[str, Held] = {}

    def rotate_the_signing_key(self) -> None:
        """Rotate the signing key as an operator does, and keep the old key for links that are on their way."""
        arn = signing_secret(self.stack)
        keys = json.loads(self.secrets.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")["SecretString"])
        rotated = {"key": f"planted-signing-key-{uuid.uuid4()}", "previous": [*keys["previous"], keys["key"]]}
        self.secrets.put_secret_value(SecretId=arn, SecretString=json.dumps(rotated))

    def secret_id(self, name: str) -> str:
        return f"{self.stack.prefix}/{name}"

    def prepare(self, plain: dict[str, dict[str, Any]], connected: dict[str, dict[str, Any]]) -> None:
        """Create many credentials at once, so that they wait for their first ticks together."""
        self._prepared |= {name: self._put(name, **options) for name, options in {**plain, **connected}.items()}
        for name in connected:
            assert self.consent(self.link(name)).heading == "Connected"

    def put(self, name: str, **options: Any) -> Held:
        """Create a credential, or return the prepared one."""
        return self._prepared.get(name) or self._put(name, **options)

    def _put(self, name: str, *, rotation: str = "microsoft", **changes: Any) -> Held:
        application = Application.register(
            self.stack,
            planted="planted-client-secret",
            access_token_lifetime_seconds=TOKEN_LIFETIME_SECONDS,
            rotation=rotation,
        )
        document = application.document(
            developer_token=f"planted-developer-token-{uuid.uuid4()}", account_id=ACCOUNT_ID, note="kept"
        )
        put_secret(self.stack, name, {**document, **changes})
        return self.held(name, application.client_id, application.client_secret)

    def held(self, name: str, client_id: str, client_secret: str) -> Held:
        consumer = Consumer(self.stack.aws, self.secret_id(name), self.stack.parameters["AdsApiUrl"])
        return Held(name, client_id, client_secret, consumer)

    def connected(self, name: str, **options: Any) -> Held:
        """Create a credential, wait for its alert, and consent; or return the prepared one."""
        if name in self._prepared:
            return self._prepared[name]
        held = self._put(name, **options)
        done = self.consent(self.link(name))
        assert done.heading == "Connected", done.text
        return held

    def link(self, name: str, *, after: int = 0) -> str:
        """Return the link of the newest alert that asks for a sign-in."""
        found = eventually(lambda: self.inbox.of(name, "reconsent_required")[after:])
        assert found, f"nobody was asked to sign in for {name}: {self.entry(name)}"
        return str(found[-1]["connect_url"])

    def consent(self, link: str, person: str = PERSON, browser: Browser | None = None) -> PageSeen:
        """Open a link, press the button, choose a person."""
        browser = browser or Browser()
        landing = self.open(link, browser)
        chooser = browser.press(landing, "Continue to Microsoft")
        return self.see(browser.press(chooser, person))

    def open(self, link: str, browser: Browser | None = None) -> PageSeen:
        return self.see((browser or Browser()).open(link))

    def see(self, page: PageSeen) -> PageSeen:
        self.pages.append(page)
        return page

    def entry(self, name: str) -> dict[str, Any]:
        entry: dict[str, Any] = self._entries.get_item(Key={"name": name}, ConsistentRead=True).get("Item", {})
        return entry

    def reaches(self, name: str, status: str) -> dict[str, Any] | None:
        """Wait for a status in the registry; return the entry, or None if it never comes."""

        def read() -> dict[str, Any] | None:
            entry = self.entry(name)
            return entry if entry.get("status") == status else None

        return eventually(read)

    def refreshed(self, held: Held, since: str) -> str | None:
        """Wait for a new current version, and return the fingerprint of its refresh token."""
        version = eventually(lambda: version if (version := held.consumer.version_id()) != since else None)
        return held.lineage if version else None

    def edit(self, held: Held, **changes: Any) -> None:
        """Change keys of the current document, as an operator does."""
        document = {**held.consumer.document(), **changes}
        self.secrets.put_secret_value(SecretId=self.secret_id(held.name), SecretString=json.dumps(document))

    def tagged(self, name: str, status: str) -> dict[str, str] | None:
        """Wait for a status in the status tags of the secret; return all its tags."""

        def read() -> dict[str, str] | None:
            listed = self.secrets.describe_secret(SecretId=self.secret_id(name)).get("Tags", [])
            tags = {tag["Key"]: tag["Value"] for tag in listed}
            return tags if tags.get("token-refresher:status") == status else None

        return eventually(read)

    def events(self, name: str) -> list[str]:
        return [alert["event"] for alert in self.inbox.of(name)]
