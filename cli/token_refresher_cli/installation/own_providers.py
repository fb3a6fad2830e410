"""The providers that a team has added to the catalogue: parameters under the stack's ``ProvidersPath``."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from token_refresher.aws.provider_entries import own_entries
from token_refresher_cli.installation.installation import Installation

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

_TAKEN: Final = "ParameterAlreadyExists"

LARGEST_BYTES: Final = 8192
"""The largest value of a parameter. Source: https://docs.aws.amazon.com/general/latest/gr/ssm.html"""


@dataclass(frozen=True)
class OwnProviders:
    """The entries of a team, each in the parameter ``{ProvidersPath}/{name}``."""

    installation: Installation

    @property
    def path(self) -> str:
        """The path of the parameters; empty if the stack has none."""
        return self.installation.environment.get("PROVIDERS_PATH", "")

    def parameter(self, name: str) -> str:
        """Return the name of the parameter of a provider."""
        return f"{self.path}/{name}"

    def names(self) -> list[str]:
        """Return the names of all entries, in order."""
        if not self.path:
            return []
        pages = self._client.get_paginator("get_parameters_by_path").paginate(Path=self.path)
        names = [parameter["Name"].removeprefix(f"{self.path}/") for page in pages for parameter in page["Parameters"]]
        return sorted(names)

    def read(self, name: str) -> tuple[str, str] | None:
        """Return the text of an entry and the name of its parameter; ``None`` if there is none of this name."""
        return own_entries(self._client, self.path)(name)

    def write(self, name: str, text: str, *, replace: bool) -> bool:
        """Put an entry into its parameter; return false if there is one and it may not be replaced."""
        try:
            # A standard parameter has 4 KB. AWS makes it an advanced one if it needs more.
            self._client.put_parameter(
                Name=self.parameter(name), Value=text, Type="String", Overwrite=replace, Tier="Intelligent-Tiering"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _TAKEN:
                raise
            return False
        return True

    @cached_property
    def _client(self) -> "SSMClient":
        client: SSMClient = self.installation.client("ssm")
        return client
