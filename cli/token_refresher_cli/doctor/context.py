"""One run of ``doctor``: what several checks need is read once."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import requests

from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.credential.status import Status
from token_refresher.rotation.secret_store import SecretState
from token_refresher_cli.installation.current_document import CurrentDocument
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.row import CredentialRow
from token_refresher_cli.installation.secret import Secret

_AT_ONCE: Final = 8
"""How many secrets are read in parallel. Secrets Manager allows thousands of reads a second."""

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
    def rows(self) -> list[CredentialRow]:
        """Every credential with its document, by name. The registry is not read: few checks have the right to."""
        states = sorted(self.installation.store.managed(), key=lambda state: state.name)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            documents = list(pool.map(self._document, states))
        return [
            CredentialRow(state.name, state, current=document)
            for state, document in zip(states, documents, strict=True)
            if document is not None
        ]

    @cached_property
    def paused(self) -> frozenset[str]:
        """The names of the credentials that an operator has paused."""
        return frozenset(entry.name for entry in self.installation.registry.overview() if entry.status is Status.PAUSED)

    def _document(self, state: SecretState) -> CurrentDocument | None:
        """Read a document; one that AWS does not return now hides no other."""
        if state.current is None:
            return CurrentDocument.empty()
        try:
            return self.installation.secrets.current(state.name)
        except ServiceUnavailableError as error:
            return CurrentDocument.unread(error)


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
