"""A credential that is to be renamed, and what is seen of it and of its pointer."""

import json
from typing import Any

import pytest

from tests.cli.desk import Desk
from tests.cli.worker import TOKENS, Worker
from token_refresher.registry.entry import RegistryEntry

OLD, NEW = "acme", "acme-bing-ads"
PRICE = '{ "price": 1.10 }'


def to_be_renamed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """Put the credential `OLD` there, and a refresh function."""
    text = json.dumps({"client_id": "of-the-operator", "client_secret": "planted-client-secret", **TOKENS})
    desk.installation.secrets_client.create_secret(
        Name=desk.installation.secret_id(OLD),
        SecretString=f'{text[:-1]}, "kept": {PRICE}}}',
        Description="The ads of Acme.",
        KmsKeyId="alias/of-the-operator",
        Tags=[{"Key": "team", "Value": "search"}, {"Key": "token-refresher:status", "Value": "healthy"}],
    )
    return Worker(desk, monkeypatch)


def entry_of(desk: Desk, name: str) -> RegistryEntry:
    """Return what is on record of a credential."""
    entry = desk.installation.registry.get(name)
    assert entry is not None
    return entry


def described(desk: Desk, name: str) -> dict[str, Any]:
    """Return all that there is to see of a secret, pointer or not."""
    client = desk.installation.session.client("secretsmanager")
    return {**client.describe_secret(SecretId=desk.installation.secret_id(name))}


def tags_of(desk: Desk, name: str) -> dict[str, str]:
    """Return the tags of a secret."""
    return {tag["Key"]: tag["Value"] for tag in described(desk, name)["Tags"]}


def text_of(desk: Desk, name: str) -> str:
    """Return the text of what is current, pointer or not."""
    store = desk.installation.store
    current = next(
        version for version, labels in described(desk, name)["VersionIdsToStages"].items() if "AWSCURRENT" in labels
    )
    return store.read(name, current)


def managed(desk: Desk) -> list[str]:
    """Return the names of the managed secrets."""
    return [state.name for state in desk.installation.store.managed()]
