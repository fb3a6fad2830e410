"""AWS Systems Manager Parameter Store as the escrow: it keeps new tokens while Secrets Manager is down."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Final

from token_refresher.aws.errors import all_translated
from token_refresher.rotation.escrow import EscrowedGrant

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import ParameterMetadataTypeDef, PutParameterRequestTypeDef

_LARGEST: Final = 8192
"""The most bytes in an advanced parameter; with Intelligent-Tiering a parameter of up to 4096 bytes is free.

Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
"""

_SERVICE: Final = "ssm"


class ParameterStoreEscrow:
    """One ``SecureString`` per grant, named ``{path}/{credential}/{attempt}``.

    Args:
        client: The client of Systems Manager.
        path: The path of all parameters of the escrow.
        key_arn: The KMS key that encrypts them. It is not the AWS managed key, because everybody who may read
            parameters may decrypt with that one.
    """

    def __init__(self, client: "SSMClient", path: str, key_arn: str) -> None:
        self._client = client
        self._path = path
        self._key_arn = key_arn

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
            "KeyId": self._key_arn,
            "Tier": "Intelligent-Tiering",
            "Overwrite": True,
        }
        with all_translated(_SERVICE):
            self._client.put_parameter(**parameter)

    def of(self, credential: str) -> list[EscrowedGrant]:
        """See `Escrow.of`."""
        found = []
        for name in self._names(_escaped(credential)):
            with all_translated(_SERVICE), suppress(self._client.exceptions.ParameterNotFound):
                text = self._client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
                # A parameter that is no escrowed grant stays where it is, and dispatch goes on counting it.
                with suppress(ValueError):
                    found.append(EscrowedGrant.parse(credential, name.rpartition("/")[2], text))
        return found

    def remove(self, escrowed: EscrowedGrant) -> None:
        """See `Escrow.remove`."""
        with all_translated(_SERVICE), suppress(self._client.exceptions.ParameterNotFound):
            self._client.delete_parameter(Name=self._name(escrowed))

    def credentials(self) -> Iterable[str]:
        """See `EscrowInventory.credentials`."""
        return {credential for credential, _ in self._waiting()}

    def waiting(self) -> dict[str, datetime]:
        """Return for each credential in escrow the time of its oldest parameter; reads no value."""
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
        with all_translated(_SERVICE):
            pages = self._client.get_paginator("describe_parameters").paginate(
                ParameterFilters=[{"Key": "Path", "Option": "Recursive", "Values": [path]}]
            )
            return [parameter for page in pages for parameter in page["Parameters"]]

    def _name(self, escrowed: EscrowedGrant) -> str:
        return f"{self._path}/{_escaped(escrowed.credential)}/{escrowed.attempt}"


def _escaped(credential: str) -> str:
    """Return a credential's name as one level of a path, in the characters that a parameter's name may have."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda match: f".{ord(match[0]):02X}", credential)


def _unescaped(level: str) -> str:
    return re.sub(r"\.([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), level)
