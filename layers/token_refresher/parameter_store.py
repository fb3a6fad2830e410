"""AWS Systems Manager Parameter Store as the escrow: another service, for when Secrets Manager is down."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from token_refresher.aws_errors import translated, unavailable
from token_refresher.escrow import EscrowedGrant

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import ParameterMetadataTypeDef, PutParameterRequestTypeDef

_LARGEST: Final = 8192
"""The most that an advanced parameter holds; with Intelligent-Tiering a parameter up to 4096 is a free one.

Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
"""

_SERVICE: Final = "ssm"


class ParameterStoreEscrow:
    """One ``SecureString`` per grant, named ``{path}/{credential}/{attempt}``.

    Args:
        client: Of Systems Manager.
        path: Below which the parameters are.
        kms_key_arn: The key that encrypts them; empty for the one of AWS.
    """

    def __init__(self, client: "SSMClient", path: str, kms_key_arn: str) -> None:
        self._client = client
        self._path = path
        self._kms_key_arn = kms_key_arn

    def put(self, escrowed: EscrowedGrant) -> None:
        """See `Escrow.put`.

        Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
        """
        text = escrowed.dump()
        if len(text) > _LARGEST:
            text = escrowed.without_access_token().dump()
        parameter: PutParameterRequestTypeDef = {
            "Name": self._name(escrowed),
            "Description": "Tokens of Token Refresher that wait for Secrets Manager; the next refresh removes this.",
            "Value": text,
            "Type": "SecureString",
            "Tier": "Intelligent-Tiering",
            "Overwrite": True,
        }
        if self._kms_key_arn:
            parameter["KeyId"] = self._kms_key_arn
        with _asking():
            self._client.put_parameter(**parameter)

    def of(self, credential: str) -> list[EscrowedGrant]:
        """See `Escrow.of`."""
        found = []
        for name in self._names(_escaped(credential)):
            with _asking(), suppress(self._client.exceptions.ParameterNotFound):
                text = self._client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
                # What somebody else put there stays, and stands in nobody's way: dispatch goes on counting it.
                with suppress(ValueError):
                    found.append(EscrowedGrant.parse(credential, name.rpartition("/")[2], text))
        return found

    def remove(self, escrowed: EscrowedGrant) -> None:
        """See `Escrow.remove`."""
        with _asking(), suppress(self._client.exceptions.ParameterNotFound):
            self._client.delete_parameter(Name=self._name(escrowed))

    def credentials(self) -> Iterable[str]:
        """See `EscrowInventory.credentials`."""
        return {credential for credential, _ in self._waiting()}

    def waiting(self) -> dict[str, datetime]:
        """Return since when each credential has had something in escrow, without a look at what it is."""
        since: dict[str, datetime] = {}
        for credential, parameter in self._waiting():
            put_at = parameter["LastModifiedDate"]
            since[credential] = min(put_at, since.get(credential, put_at))
        return since

    def _waiting(self) -> Iterator[tuple[str, "ParameterMetadataTypeDef"]]:
        for parameter in self._listed():
            level, slash, _ = parameter["Name"].removeprefix(f"{self._path}/").partition("/")
            if slash:
                yield _unescaped(level), parameter

    def _names(self, credential: str) -> list[str]:
        return [parameter["Name"] for parameter in self._listed(credential)]

    def _listed(self, *levels: str) -> list["ParameterMetadataTypeDef"]:
        """List parameters; ``DescribeParameters`` returns no value."""
        path = "/".join([self._path, *levels])
        with _asking():
            pages = self._client.get_paginator("describe_parameters").paginate(
                ParameterFilters=[{"Key": "Path", "Option": "Recursive", "Values": [path]}]
            )
            return [parameter for page in pages for parameter in page["Parameters"]]

    def _name(self, escrowed: EscrowedGrant) -> str:
        return f"{self._path}/{_escaped(escrowed.credential)}/{escrowed.attempt}"


@contextmanager
def _asking() -> Iterator[None]:
    """Raise `ServiceUnavailableError` for whatever the service does not do."""
    try:
        with translated(_SERVICE):
            yield
    except ClientError as error:
        raise unavailable(_SERVICE, error) from error


def _escaped(credential: str) -> str:
    """Write a name in the characters that a parameter's name may have, as one level of its path."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda match: f".{ord(match[0]):02X}", credential)


def _unescaped(level: str) -> str:
    return re.sub(r"\.([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), level)
