"""The credentials of a soak. No browser is needed: the operator imports a refresh token into each."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import requests

from local.stack.delivery import event_of, message_of, was_handled
from local.stack.stack import LocalStack
from local.stack.waiting import GENEROUS_SECONDS
from local.story.application import Application, put_secret
from local.story.consumer import fingerprint
from token_refresher.credential.status_tags import StatusTags
from token_refresher.rotation.secret_store import successor
from token_refresher_client.reader import CONSUMER_PREFIX

NOTE: Final = "kept"
"""The value of an unknown key in every credential, which must never change."""

_PERSON: Final = "ads-owner@example.com"
_SCOPE: Final = "https://ads.microsoft.com/msads.manage offline_access"
_LONG_AGO: Final = "2000-01-01T00:00:00Z"


@dataclass(frozen=True)
class ManagedCredential:
    """A credential of the fleet: its name, its app, and how the provider rotates its refresh tokens."""

    name: str
    client_id: str
    rotation: str


class Fleet:
    """The credentials of a running stack, created and read with the permissions of the account's root user."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.secrets = stack.aws.client("secretsmanager")
        self._functions = stack.aws.client("lambda")
        self._parameters = stack.aws.client("ssm")
        self._entries = stack.aws.table(stack.outputs["CredentialsTableName"])

    def secret_id(self, credential: ManagedCredential) -> str:
        """Return the name of the secret of a credential."""
        return f"{self.stack.prefix}/{credential.name}"

    def put(
        self, name: str, *, rotation: str, lifetime_seconds: int = 3600, granted: bool = True, **changes: Any
    ) -> ManagedCredential:
        """Register an app and create its credential, with a refresh token or without one.

        Args:
            name: The name of the credential.
            rotation: How the provider rotates refresh tokens.
            lifetime_seconds: The lifetime of access tokens.
            granted: Whether the operator imports a refresh token; if not, a person has to consent.
            changes: Keys of the document, in addition to the usual ones or in place of them.
        """
        application = Application.register(
            self.stack,
            planted="planted-client-secret",
            rotation=rotation,
            access_token_lifetime_seconds=lifetime_seconds,
            **({"auto_account": _PERSON} if granted else {}),
        )
        document = application.document(note=NOTE, **changes)
        if granted:
            document["refresh_token"] = self._sign_in(application)
        put_secret(self.stack, name, document)
        return ManagedCredential(name, application.client_id, rotation)

    def document(self, credential: ManagedCredential) -> dict[str, Any]:
        """Read a credential, as a pipeline does."""
        answer = self.secrets.get_secret_value(SecretId=self.secret_id(credential), VersionStage="AWSCURRENT")
        document: dict[str, Any] = json.loads(answer["SecretString"])
        return document

    def published_seconds_left(self, credential: ManagedCredential) -> float:
        """Return how long the token that pipelines read is still good; a credential publishes under its own name."""
        answer = self.secrets.get_secret_value(SecretId=f"{CONSUMER_PREFIX}/{credential.name}")
        left: float = json.loads(answer["SecretString"])["expires_at_epoch"] - time.time()
        return left

    def keeps_the_newest_token(self, credential: ManagedCredential) -> bool:
        """Return whether the newest issued refresh token is the current one."""
        token = self.document(credential).get("refresh_token", "")
        return fingerprint(token) == self.stack.identity_provider.newest_refresh_token(credential.client_id)

    def outcomes(self, credential: ManagedCredential) -> list[str]:
        """Return the outcome of each request to the token endpoint, in order."""
        return [str(event["outcome"]) for event in self.stack.identity_provider.journal(credential.client_id)]

    def has_unfinished_version(self, credential: ManagedCredential) -> bool:
        """Return whether the successor of the current version is stored and was never promoted."""
        described = self.secrets.describe_secret(SecretId=self.secret_id(credential))
        versions = described["VersionIdsToStages"]
        # By id and not by staging label: the local AWS leaves AWSPENDING on every version that ever had it.
        return any(
            "AWSCURRENT" in labels and successor(described["ARN"], current) in versions
            for current, labels in versions.items()
        )

    def status_in_tags(self, credential: ManagedCredential) -> str | None:
        """Return the status in the status tags of a credential's secret."""
        listed = self.secrets.describe_secret(SecretId=self.secret_id(credential)).get("Tags", [])
        label = StatusTags.from_tags({tag["Key"]: tag["Value"] for tag in listed})
        return label.status if label else None

    def has_escrow(self, credential: ManagedCredential) -> bool:
        """Return whether a token of a credential is in escrow."""
        path = f"/token-refresher/escrow/{self.stack.prefix}"
        pages = self._parameters.get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
        return any(credential.name in parameter["Name"] for page in pages for parameter in page["Parameters"])

    def entry(self, credential: ManagedCredential) -> dict[str, Any]:
        """Return the registry entry of a credential, or an empty one."""
        entry: dict[str, Any] = self._entries.get_item(Key={"name": credential.name}, ConsistentRead=True).get(
            "Item", {}
        )
        return entry

    def end_waiting(self, credential: ManagedCredential) -> None:
        """End the pause before the next attempt, and the lease of an intent, so that no test waits for them."""
        for moment in ("next_action_at", "intent.#at"):
            with suppress(self._entries.meta.client.exceptions.ConditionalCheckFailedException):
                self._entries.update_item(
                    Key={"name": credential.name},
                    UpdateExpression=f"SET {moment} = :long_ago",
                    ConditionExpression=f"attribute_exists({moment})",
                    ExpressionAttributeValues={":long_ago": _LONG_AGO},
                    **({"ExpressionAttributeNames": {"#at": "at"}} if "#" in moment else {}),
                )

    def tick(self) -> None:
        """Run dispatch now."""
        self._functions.invoke(FunctionName=self.stack.outputs["DispatchFunctionName"], Payload=b"{}")

    @contextmanager
    def ticking(self, period_seconds: float) -> Iterator[None]:
        """Run dispatch periodically, whether or not it fails."""
        stopped = threading.Event()

        def run() -> None:
            while not stopped.is_set():
                self.tick()
                stopped.wait(period_seconds)

        thread = threading.Thread(target=run, name="ticks")
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()

    def deliver(self, credential: ManagedCredential) -> bool:
        """Deliver one message for a credential to the refresh function; return whether it was handled."""
        body = json.dumps({"credential": credential.name, "version_id": "any", "due_at": _LONG_AGO})
        event = event_of(message_of(body, credential.name), self.stack.outputs["RefreshQueueUrl"])
        answer = self._functions.invoke(
            FunctionName=self.stack.outputs["RefreshFunctionName"], Payload=json.dumps(event)
        )
        return was_handled(answer)

    def _sign_in(self, application: Application) -> str:
        """Sign in with the authorization code flow, as another tool of the operator would; return the refresh token."""
        base = f"{self.stack.parameters['AuthorityUrl']}/common/oauth2/v2.0"
        redirect_uri = self.stack.outputs["CallbackUrl"]
        parameters = {"client_id": application.client_id, "redirect_uri": redirect_uri, "scope": _SCOPE}
        with requests.Session() as session:
            session.trust_env = False
            redirect = session.get(
                f"{base}/authorize",
                params={**parameters, "response_type": "code"},
                allow_redirects=False,
                timeout=GENEROUS_SECONDS,
            )
            [code] = parse_qs(urlsplit(redirect.headers["Location"]).query)["code"]
            form = {**parameters, "client_secret": application.client_secret, "code": code}
            form |= {"grant_type": "authorization_code"}
            answer = session.post(f"{base}/token", data=form, timeout=GENEROUS_SECONDS)
        answer.raise_for_status()
        return str(answer.json()["refresh_token"])
