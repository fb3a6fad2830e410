"""Refreshes a credential at the stand-in, and publishes its consumer secret as the functions do."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from local.recipes.microsoft import Microsoft
from tests.local.identity_provider.client_app import ClientApp
from token_refresher.aws.consumer_secrets import SecretsManagerConsumerSecrets
from token_refresher.base.clock import to_rfc3339
from token_refresher.credential.consumer_document import consumer_document
from token_refresher.credential.document import Credential
from token_refresher.credential.status import Status
from token_refresher.rotation.publication import Publication
from token_refresher.rotation.publisher import Publisher as SecretsPublisher

SECRET_ID: Final = "token-refresher-consumers/acme-ads"
"""The consumer secret in the document."""

ACCOUNT_ID: Final = "1234567"
CUSTOMER_ID: Final = "7654321"


class Publisher:
    """Holds the refresh token, as the credential does, and shows consumers the access token.

    Attributes:
        published: The access tokens, in the order of their publication.
    """

    def __init__(self, secrets: Any, app: ClientApp) -> None:
        self._publisher = SecretsPublisher(SecretsManagerConsumerSecrets(secrets, kms_key_arn=""))
        self._known = Publication(SECRET_ID)
        self._app = app
        self._refresh_token: str = app.consent()["refresh_token"]
        self.published: list[str] = []

    @property
    def refresh_token(self) -> str:
        """The refresh token of the credential, which no consumer gets."""
        return self._refresh_token

    def publish(self) -> None:
        """Refresh and publish.

        Raises:
            AssertionError: The stand-in refuses the refresh token.
        """
        answer = self._app.refresh(self._refresh_token)
        assert answer.status_code == 200, answer.json()["error"]
        tokens = answer.json()
        self._refresh_token = tokens["refresh_token"]
        now = self._app.clock()
        credential = Credential.parse(
            json.dumps(
                {
                    "client_id": self._app.client_id,
                    "client_secret": self._app.secret,
                    "developer_token": "planted-developer-token",
                    "account_id": ACCOUNT_ID,
                    "customer_id": CUSTOMER_ID,
                    "publish_to": SECRET_ID.partition("/")[2],
                    "publish_developer_token": True,
                    "refresh_token": self._refresh_token,
                    "access_token": tokens["access_token"],
                    "token_type": "Bearer",
                    "granted_scope": tokens["scope"],
                    "refreshed_at": to_rfc3339(now),
                    "expires_at": to_rfc3339(now + timedelta(seconds=tokens["expires_in"])),
                }
            )
        )
        document = consumer_document("token-refresher", "acme-bing-ads", credential, Status.HEALTHY)
        self._known = self._publisher.publish(document, self._known)
        self.published.append(tokens["access_token"])

    def replace(self) -> None:
        """Let the current token end, and publish the next one."""
        self.let_it_end()
        self.publish()

    def let_it_end(self) -> None:
        """Let the current token end at Microsoft, and publish no other."""
        self._app.clock.pass_by(timedelta(hours=2))

    def replace_what_lasts_for_four_minutes(self, microsoft: Microsoft) -> None:
        """Publish a token that ends within the margin of the recipes, and the next one after the first call."""
        self.live_for(timedelta(minutes=4))
        self.publish()
        microsoft.after(1, self.replace)

    def live_for(self, span: timedelta) -> None:
        """Issue tokens that live for so long."""
        self._app.register(access_token_lifetime_seconds=int(span.total_seconds()))

    def be_strict(self) -> None:
        """Issue refresh tokens that work once, and revoke the whole family at a second use."""
        self._app.register(rotation="strict")


def now() -> datetime:
    """Return the real time: a consumer compares the expiry with its own clock."""
    return datetime.now(UTC)
