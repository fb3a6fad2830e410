"""Many credentials at once and no browser: their operator imports a grant of each, which is to be refreshed at once."""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import requests

from local.application import Application, put_secret
from local.consumer import fingerprint
from local.delivery import event_of, message_of, was_handled
from local.stack import LocalStack
from token_refresher.secret_store import successor
from token_refresher.status_label import StatusLabel

NOTE: Final = "kept"
"""What the operator wrote into every credential beside what we know."""

_PERSON: Final = "ads-owner@example.com"
_SCOPE: Final = "https://ads.microsoft.com/msads.manage offline_access"
_LONG_AGO: Final = "2000-01-01T00:00:00Z"
_TIMEOUT_SECONDS: Final = 40


@dataclass(frozen=True)
class Holding:
    """A credential of the estate: its name, its app, and how the provider rotates its refresh tokens."""

    name: str
    client_id: str
    rotation: str


class Estate:
    """Credentials of a running stack, put and looked at with the rights of the account's owner."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.secrets = stack.aws.client("secretsmanager")
        self._functions = stack.aws.client("lambda")
        self._parameters = stack.aws.client("ssm")
        self._entries = stack.aws.table(stack.outputs["CredentialsTableName"])

    def secret_id(self, holding: Holding) -> str:
        """Return the name of the secret of a credential."""
        return f"{self.stack.prefix}/{holding.name}"

    def put(
        self, name: str, *, rotation: str, lifetime_seconds: int = 3600, granted: bool = True, **changes: Any
    ) -> Holding:
        """Register an app and put its credential, with the grant of a person or without one.

        Args:
            name: The name of the credential.
            rotation: What the provider makes of a refresh token that was used.
            lifetime_seconds: How long an access token lives.
            granted: Whether the operator has a refresh token to import; somebody has to consent where not.
            changes: What the document holds beside the usual, or instead of it.
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
        return Holding(name, application.client_id, rotation)

    def document(self, holding: Holding) -> dict[str, Any]:
        """Read a credential, as a pipeline does."""
        answer = self.secrets.get_secret_value(SecretId=self.secret_id(holding), VersionStage="AWSCURRENT")
        document: dict[str, Any] = json.loads(answer["SecretString"])
        return document

    def keeps_the_newest_token(self, holding: Holding) -> bool:
        """Tell whether the refresh token that was issued last is the current one."""
        token = self.document(holding).get("refresh_token", "")
        return fingerprint(token) == self.stack.identity_provider.newest_refresh_token(holding.client_id)

    def outcomes(self, holding: Holding) -> list[str]:
        """Return how each request to the token endpoint ended, in order."""
        return [str(event["outcome"]) for event in self.stack.identity_provider.journal(holding.client_id)]

    def has_unfinished_version(self, holding: Holding) -> bool:
        """Tell whether the successor of the current version is stored, and was never promoted."""
        described = self.secrets.describe_secret(SecretId=self.secret_id(holding))
        versions = described["VersionIdsToStages"]
        # By its id: the local AWS leaves AWSPENDING on every version that ever had it, and AWS on the last alone.
        return any(
            "AWSCURRENT" in labels and successor(described["ARN"], current) in versions
            for current, labels in versions.items()
        )

    def status_shown(self, holding: Holding) -> str | None:
        """Return the status that the tags of a credential's secret show."""
        listed = self.secrets.describe_secret(SecretId=self.secret_id(holding)).get("Tags", [])
        label = StatusLabel.from_tags({tag["Key"]: tag["Value"] for tag in listed})
        return label.status if label else None

    def has_escrow(self, holding: Holding) -> bool:
        """Tell whether a token of a credential is left in escrow."""
        path = f"/token-refresher/escrow/{self.stack.prefix}"
        pages = self._parameters.get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
        return any(holding.name in parameter["Name"] for page in pages for parameter in page["Parameters"])

    def entry(self, holding: Holding) -> dict[str, Any]:
        """Return what the registry knows of a credential."""
        entry: dict[str, Any] = self._entries.get_item(Key={"name": holding.name}, ConsistentRead=True).get("Item", {})
        return entry

    def let_time_pass(self, holding: Holding) -> None:
        """Let the pause before the next attempt, and the lease of an intent, be over: no test waits for them."""
        for moment in ("next_action_at", "intent.#at"):
            with suppress(self._entries.meta.client.exceptions.ConditionalCheckFailedException):
                self._entries.update_item(
                    Key={"name": holding.name},
                    UpdateExpression=f"SET {moment} = :long_ago",
                    ConditionExpression=f"attribute_exists({moment})",
                    ExpressionAttributeValues={":long_ago": _LONG_AGO},
                    **({"ExpressionAttributeNames": {"#at": "at"}} if "#" in moment else {}),
                )

    def tick(self) -> None:
        """Let dispatch run, now."""
        self._functions.invoke(FunctionName=self.stack.outputs["DispatchFunctionName"], Payload=b"{}")

    def deliver(self, holding: Holding) -> bool:
        """Deliver one message about a credential to the refresh function; tell whether it was handled."""
        body = json.dumps({"credential": holding.name, "version_id": "any", "due_at": _LONG_AGO})
        event = event_of(message_of(body, holding.name), self.stack.outputs["RefreshQueueUrl"])
        answer = self._functions.invoke(
            FunctionName=self.stack.outputs["RefreshFunctionName"], Payload=json.dumps(event)
        )
        return was_handled(answer)

    def _sign_in(self, application: Application) -> str:
        """Return a refresh token, got as any other tool of the operator would get it."""
        base = f"{self.stack.parameters['AuthorityUrl']}/common/oauth2/v2.0"
        redirect_uri = self.stack.outputs["CallbackUrl"]
        asked = {"client_id": application.client_id, "redirect_uri": redirect_uri, "scope": _SCOPE}
        with requests.Session() as session:
            session.trust_env = False
            sent_back = session.get(
                f"{base}/authorize",
                params={**asked, "response_type": "code"},
                allow_redirects=False,
                timeout=_TIMEOUT_SECONDS,
            )
            [code] = parse_qs(urlsplit(sent_back.headers["Location"]).query)["code"]
            form = {**asked, "client_secret": application.client_secret, "code": code}
            form |= {"grant_type": "authorization_code"}
            answer = session.post(f"{base}/token", data=form, timeout=_TIMEOUT_SECONDS)
        answer.raise_for_status()
        return str(answer.json()["refresh_token"])
