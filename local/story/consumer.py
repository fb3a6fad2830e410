"""A pipeline: it reads the secret, takes the access token and calls the API. It knows nothing of OAuth."""

import hashlib
import json
from typing import Any

import requests

from local.stack.aws import LocalAws
from local.stack.waiting import GENEROUS_SECONDS


class Consumer:
    """A pipeline that reads one credential."""

    def __init__(self, aws: LocalAws, secret_id: str, ads_api_url: str) -> None:
        self._secrets = aws.client("secretsmanager")
        self._secret_id = secret_id
        self._ads_api_url = ads_api_url

    def document(self) -> dict[str, Any]:
        """Read the credential, as ``aws secretsmanager get-secret-value`` does."""
        answer = self._secrets.get_secret_value(SecretId=self._secret_id, VersionStage="AWSCURRENT")
        document: dict[str, Any] = json.loads(answer["SecretString"])
        return document

    def version_id(self) -> str:
        """Return the id of the current version."""
        versions = self._secrets.describe_secret(SecretId=self._secret_id)["VersionIdsToStages"]
        return next(str(version) for version, labels in versions.items() if "AWSCURRENT" in labels)

    def call_ads_api(self) -> int:
        """Call Microsoft Advertising with the tokens in the secret, and return the HTTP status."""
        document = self.document()
        answer = requests.post(
            f"{self._ads_api_url}/CustomerManagement/v13/User/Query",
            json={"UserId": None},
            headers={
                "Authorization": f"Bearer {document['access_token']}",
                "DeveloperToken": document["developer_token"],
            },
            timeout=GENEROUS_SECONDS,
        )
        return answer.status_code


def fingerprint(token: str) -> str:
    """Return the fingerprint of a token, which people may see in place of the token."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]
