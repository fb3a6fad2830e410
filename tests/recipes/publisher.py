"""Refreshes a credential at the stand-in and publishes its consumer secret (docs/decisions/0060).

It is the one place in these tests that knows how a consumer secret comes about.
"""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.local.identity_provider.client_app import ClientApp
from tests.recipes.microsoft import Microsoft
from token_refresher.base.clock import to_rfc3339

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
        self._secrets = secrets
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
        expires_at = self._app.clock() + timedelta(seconds=tokens["expires_in"])
        self._put(
            {
                "access_token": tokens["access_token"],
                "token_type": "Bearer",
                "expires_at": to_rfc3339(expires_at),
                "expires_at_epoch": int(expires_at.timestamp()),
                "scope": tokens["scope"],
                "account_id": ACCOUNT_ID,
                "customer_id": CUSTOMER_ID,
                "developer_token": "planted-developer-token",
                "status": "healthy",
                "credential": "acme-bing-ads",
                "generation": len(self.published) + 1,
            }
        )
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

    def _put(self, document: dict[str, Any]) -> None:
        if not self.published:
            self._secrets.create_secret(Name=SECRET_ID, SecretString=json.dumps(document))
            return
        current = self._secrets.get_secret_value(SecretId=SECRET_ID, VersionStage="AWSCURRENT")
        following = uuid.uuid5(uuid.NAMESPACE_URL, f"{current['ARN']}/{current['VersionId']}")
        self._secrets.put_secret_value(
            SecretId=SECRET_ID, ClientRequestToken=str(following), SecretString=json.dumps(document)
        )


def now() -> datetime:
    """Return the real time: a consumer compares the expiry with its own clock."""
    return datetime.now(UTC)
