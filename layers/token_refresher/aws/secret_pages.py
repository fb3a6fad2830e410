"""The lists of Secrets Manager, page by page: secrets by name, and the versions of one secret."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from token_refresher.aws.errors import all_translated

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import SecretListEntryTypeDef, SecretVersionsListEntryTypeDef


def listed_secrets(client: "SecretsManagerClient", name: str) -> "Iterator[SecretListEntryTypeDef]":
    """Yield the secrets whose name begins with a text.

    Raises:
        ServiceUnavailableError: Secrets Manager refuses the call or did not answer.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
    """
    pages = client.get_paginator("list_secrets").paginate(
        Filters=[{"Key": "name", "Values": [name]}], PaginationConfig={"PageSize": 100}
    )
    with all_translated("secretsmanager"):
        for page in pages:
            yield from page["SecretList"]


def is_under(entry: Mapping[str, Any], prefix: str) -> bool:
    """Tell whether a listed secret is under a prefix, and not deleted: local stand-ins filter less exactly than AWS."""
    return entry["Name"].startswith(prefix) and "DeletedDate" not in entry


def kept_versions(client: "SecretsManagerClient", secret_id: str) -> "Iterator[SecretVersionsListEntryTypeDef]":
    """Yield the versions of a secret that are kept, also those without a staging label; raises as boto3 does.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html
    """
    # boto3 has no paginator for this call.
    arguments: dict[str, Any] = {"SecretId": secret_id, "IncludeDeprecated": True, "MaxResults": 100}
    page = client.list_secret_version_ids(**arguments)
    yield from page["Versions"]
    while token := page.get("NextToken"):
        page = client.list_secret_version_ids(**arguments, NextToken=token)
        yield from page["Versions"]
