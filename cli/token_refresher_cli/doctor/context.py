"""One run of ``doctor``: what several checks need is read once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import requests

from token_refresher.registry.entry import RegistryEntry
from token_refresher_cli.doctor.loaded import LoadedCredential, provider_fault
from token_refresher_cli.installation.documents import Documents
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.known_providers import KnownProviders
from token_refresher_cli.installation.secret import Secret
from token_refresher_cli.shell.progress import Progress

_TIMEOUT: Final = (5, 15)
"""Timeouts in seconds to connect and to get the answer. A cold start takes a few seconds."""


@dataclass(frozen=True)
class Options:
    """The options of ``doctor``.

    Attributes:
        http: Whether to request the connect page.
        reads_pages: How many pages of CloudTrail to read at most.
    """

    http: bool = True
    reads_pages: int = 40


@dataclass(frozen=True)
class Health:
    """The answer to ``GET /health``.

    Attributes:
        url: The URL that was requested.
        version: The version that answered; ``None`` if Token Refresher did not answer.
        trouble: What happened instead, as the predicate of a sentence.
    """

    url: str
    version: str | None
    trouble: str = ""


@dataclass(frozen=True)
class CheckContext:
    """The installation and the facts that checks share."""

    installation: Installation
    options: Options = Options()
    progress: Progress = field(default_factory=Progress)

    @property
    def now(self) -> datetime:
        """The current time."""
        return self.installation.clock()

    @cached_property
    def stack(self) -> Mapping[str, Any]:
        """The stack, as in `DescribeStacks`."""
        client = self.installation.client("cloudformation")
        described: Mapping[str, Any] = client.describe_stacks(StackName=self.installation.stack)["Stacks"][0]
        return described

    @cached_property
    def resources(self) -> Mapping[str, str]:
        """The physical id of each resource of the stack, by its logical id."""
        pages = self.installation.client("cloudformation").get_paginator("list_stack_resources")
        return {
            resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "")
            for page in pages.paginate(StackName=self.installation.stack)
            for resource in page["StackResourceSummaries"]
        }

    @cached_property
    def health(self) -> Health:
        """The health of the connect page, requested as a browser does."""
        url = f"{self.installation.environment['PUBLIC_URL'].rstrip('/')}/health"
        return ask_health(url)

    @cached_property
    def secrets(self) -> list[Secret]:
        """Every secret under the prefix, pointers included, except those that are scheduled for deletion."""
        return self.installation.secrets.all()

    @cached_property
    def loaded(self) -> list[LoadedCredential]:
        """Every credential, by name, after its document was read. One that AWS does not return now hides no other."""
        installation, providers = self.installation, KnownProviders(self.installation)
        found = Documents(installation.secrets, is_tolerant=True).of(installation.store.managed())
        loaded = [
            LoadedCredential.of(state, current, provider_fault(providers, current))
            for state, current in self.progress.counted(found)
            if current is not None
        ]
        return sorted(loaded, key=lambda one: one.name)

    @cached_property
    def entries(self) -> Mapping[str, RegistryEntry]:
        """Every registry entry, by name."""
        return {entry.name: entry for entry in self.installation.registry.entries()}

    @property
    def paused(self) -> frozenset[str]:
        """The names of the credentials that an operator has paused."""
        return frozenset(name for name, entry in self.entries.items() if entry.is_paused)


def ask_health(url: str) -> Health:
    """Request the version of a connect page."""
    try:
        answer = requests.get(url, timeout=_TIMEOUT, allow_redirects=False)
        document = answer.json() if answer.ok else {}
    except requests.exceptions.JSONDecodeError:
        return Health(url, None, "answers with something that is not JSON")
    except requests.RequestException as error:
        return Health(url, None, f"does not answer ({type(error).__name__})")
    version = document.get("version") if isinstance(document, dict) else None
    if not isinstance(version, str):
        return Health(url, None, f"answers with {answer.status_code}")
    return Health(url, version)
