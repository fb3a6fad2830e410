"""The lists of Secrets Manager, page by page: secrets by name, and the versions of one secret."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from token_refresher.aws.errors import all_translated

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import (
        ListSecretsResponseTypeDef,
        SecretListEntryTypeDef,
        SecretVersionsListEntryTypeDef,
    )


def listed_secrets(client: "SecretsManagerClient", name: str) -> "Iterator[SecretListEntryTypeDef]":
    """Yield the secrets whose name begins with a text; raises as `secret_pages`."""
    for page in secret_pages(client, name):
        yield from page["SecretList"]


def secret_pages(
    client: "SecretsManagerClient", name: str, changed_since: datetime | None = None
) -> "Iterator[ListSecretsResponseTypeDef]":
    """Yield the list of secrets whose name begins with a text, page by page.

    Args:
        client: The client.
        name: The text.
        changed_since: If given, the list begins with the secret that changed last, and ends with the page that has a
            secret which has not changed since.

    AWS documents the order by the date of the last change, which it calls the last date and time that a secret was
    modified in any way, so a new tag counts, too. It documents no order of equal dates: the page with an older secret
    ends the list, so all of them come. A secret that changes while the list is read moves to its beginning, and is on
    the list of the next tick. An SDK of before 2026 does not know the parameter, and some local stand-ins ignore it:
    a list that is not in that order is read to its end.

    Raises:
        ServiceUnavailableError: Secrets Manager refuses the call or did not answer.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
    """
    arguments: dict[str, Any] = {"Filters": [{"Key": "name", "Values": [name]}]}
    known = client.meta.service_model.operation_model("ListSecrets").input_shape
    if changed_since is not None and known is not None and "SortBy" in known.members:
        arguments |= {"SortBy": "last-changed-date", "SortOrder": "desc"}
    pages = client.get_paginator("list_secrets").paginate(**arguments, PaginationConfig={"PageSize": 100})
    before = datetime.max.replace(tzinfo=UTC)
    is_ordered = changed_since is not None
    with all_translated("secretsmanager"):
        for page in pages:
            yield page
            changed = [_changed_at(entry) for entry in page["SecretList"]]
            is_ordered = is_ordered and [before, *changed] == sorted([before, *changed], reverse=True)
            before = changed[-1] if changed else before
            if is_ordered and changed_since is not None and before < changed_since:
                return


def _changed_at(entry: Mapping[str, Any]) -> datetime:
    """Return when a secret changed last; AWS leaves the date out if nothing has changed since it was created."""
    return entry.get("LastChangedDate") or entry.get("CreatedDate") or datetime.max.replace(tzinfo=UTC)


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
