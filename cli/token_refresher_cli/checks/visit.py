"""One visit of ``doctor`` to an installation: what several checks ask for is asked for once."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import requests
from botocore.exceptions import ClientError

from token_refresher.credential import Credential
from token_refresher.errors import (
    CredentialNotFoundError,
    MalformedCredentialError,
    ServiceUnavailableError,
    VersionNotFoundError,
)
from token_refresher.secret_store import SecretState
from token_refresher.status import Status
from token_refresher_cli.errors import explained
from token_refresher_cli.installation import Installation

_AT_ONCE: Final = 8
"""How many secrets are read at the same time; Secrets Manager allows thousands a second."""

_TIMEOUT: Final = (5, 15)
"""To connect and to be answered, in seconds; a function that starts takes a few."""


@dataclass(frozen=True)
class Options:
    """What the operator chose.

    Attributes:
        http: Whether the connect page may be asked.
        reads_pages: How many pages of CloudTrail to look through.
    """

    http: bool = True
    reads_pages: int = 40


@dataclass(frozen=True)
class Health:
    """What ``GET /health`` said.

    Attributes:
        url: What was asked.
        version: The version that answered; ``None`` where nothing of ours did.
        trouble: What came instead, as the rest of a sentence.
    """

    url: str
    version: str | None
    trouble: str = ""


@dataclass(frozen=True)
class Held:
    """One credential as it was read.

    Attributes:
        name: Its name.
        arn: Of its secret.
        created_at: When the secret was made.
        credential: The document; ``None`` where it could not be read, or is none.
        malformed: What is wrong with the document.
        is_whole: Whether its keys can be told from each other, so that one of them can be set.
        refused: Why it could not be read.
    """

    name: str
    arn: str = ""
    created_at: datetime | None = None
    credential: Credential | None = None
    malformed: str = ""
    is_whole: bool = True
    refused: str = ""


@dataclass(frozen=True)
class Visit:
    """What the checks look at."""

    installation: Installation
    options: Options = Options()

    @property
    def now(self) -> datetime:
        """The time."""
        return self.installation.clock()

    @cached_property
    def stack(self) -> Mapping[str, Any]:
        """The stack as CloudFormation describes it."""
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
        """What the connect page says of itself, asked as a browser would."""
        url = f"{self.installation.environment['PUBLIC_URL'].rstrip('/')}/health"
        return ask_health(url)

    @cached_property
    def listed(self) -> list[Mapping[str, Any]]:
        """Every secret under the prefix as it is listed, pointers included, but none that is being deleted."""
        prefix = f"{self.installation.prefix}/"
        pages = self.installation.secrets.get_paginator("list_secrets").paginate(
            Filters=[{"Key": "name", "Values": [prefix]}], PaginationConfig={"PageSize": 100}
        )
        found = [secret for page in pages for secret in page["SecretList"]]
        return [secret for secret in found if secret["Name"].startswith(prefix) and "DeletedDate" not in secret]

    @cached_property
    def held(self) -> list[Held]:
        """Every credential as it is now, by name."""
        created = {secret["ARN"]: secret.get("CreatedDate") for secret in self.listed}
        states = sorted(self.installation.store.managed(), key=lambda state: state.name)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            read = pool.map(lambda state: self._read(state, created.get(state.arn)), states)
            return [held for held in read if held is not None]

    @cached_property
    def paused(self) -> frozenset[str]:
        """The names of the credentials that an operator has set aside."""
        return frozenset(entry.name for entry in self.installation.registry.overview() if entry.status is Status.PAUSED)

    def _read(self, state: SecretState, created_at: datetime | None) -> Held | None:
        def held(**what: Any) -> Held:
            return Held(state.name, state.arn, created_at, **what)

        try:
            text = self.installation.store.read(state.name, state.require_current())
            return held(credential=Credential.parse(text))
        except MalformedCredentialError as error:
            return held(malformed=str(error), is_whole=error.field is not None)
        except CredentialNotFoundError:
            return None  # Gone since it was listed.
        except VersionNotFoundError:
            return held(refused="It was written a moment ago, and cannot be seen yet.")
        except (ServiceUnavailableError, ClientError) as error:
            known = explained(error)
            return held(refused=known.message if known else str(error))


def ask_health(url: str) -> Health:
    """Ask a connect page for its version."""
    try:
        answer = requests.get(url, timeout=_TIMEOUT, allow_redirects=False)
        document = answer.json() if answer.ok else {}
    except requests.exceptions.JSONDecodeError:
        return Health(url, None, "answers with something else")
    except requests.RequestException as error:
        return Health(url, None, f"does not answer ({type(error).__name__})")
    version = document.get("version") if isinstance(document, dict) else None
    if not isinstance(version, str):
        return Health(url, None, f"answers with {answer.status_code}")
    return Health(url, version)
