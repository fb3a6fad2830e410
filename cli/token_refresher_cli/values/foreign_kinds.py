"""The kinds of configuration that ``add --from`` reads: how other tools name the values of a credential."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

CONTAINERS: Final = (
    "connectionConfiguration",
    "connection_configuration",
    "configuration",
    "credentials",
    "accounts",
    "AuthType",
    "items",
    "oauth2",
)
"""Names that wrap values: in the API and the Terraform provider of Airbyte, in older versions of its connector, and in
the authentication types of OWOX."""


class KindName(StrEnum):
    """The values of ``--format``."""

    AIRBYTE = "airbyte"
    SINGER = "singer"
    OWOX = "owox"
    BINGADS_SDK = "bingads-sdk"
    CREDENTIAL = "credential"
    TOKEN_ANSWER = "token-answer"


@dataclass(frozen=True)
class Kind:
    """A kind of configuration.

    Attributes:
        name: Its name for ``--format``.
        title: Its name for people.
        keys: For each key of a credential, the names there, the one that counts first.
        marks: Keys that only this kind and few others have, with their spelling.
        environment: The key that chooses the sandbox.
        old_tool: What the operator has to stop before its refresh token is used here.
    """

    name: KindName
    title: str
    keys: Mapping[str, tuple[str, ...]]
    marks: frozenset[str]
    environment: str | None = None
    old_tool: str = field(default="the tool that it comes from")


KINDS: Final = (
    # https://github.com/airbytehq/airbyte, airbyte-integrations/connectors/source-bing-ads: manifest.yaml (spec), and
    # before it source_bing_ads/spec.json with accounts.ids and customer_id. It filters accounts by name, not by id.
    Kind(
        KindName.AIRBYTE,
        "Airbyte source-bing-ads",
        {
            "client_id": ("client_id",),
            "client_secret": ("client_secret",),
            "tenant": ("tenant_id",),
            "developer_token": ("developer_token",),
            "customer_id": ("customer_id",),
            "account_id": ("ids", "account_ids"),
            "refresh_token": ("refresh_token",),
        },
        frozenset(
            {
                "account_names",
                "accounts",
                "auth_method",
                "connectionConfiguration",
                "custom_reports",
                "lookback_window",
                "num_workers",
                "reports_start_date",
                "sourceDefinitionId",
                "tenant_id",
                "user_id",
            }
        ),
        old_tool="the Airbyte connection",
    ),
    # https://github.com/singer-io/tap-bing-ads: config.sample.json, config.json, REQUIRED_CONFIG_KEYS.
    # A scope in it is the one of the last response, often the legacy one, and not the one to ask for.
    Kind(
        KindName.SINGER,
        "Singer tap-bing-ads",
        {
            "client_id": ("oauth_client_id", "client_id"),
            "client_secret": ("oauth_client_secret", "client_secret"),
            "developer_token": ("developer_token",),
            "customer_id": ("customer_id",),
            "account_id": ("account_ids",),
            "refresh_token": ("refresh_token",),
        },
        frozenset(
            {
                "account_ids",
                "oauth_client_id",
                "oauth_client_secret",
                "request_timeout",
                "require_live_connect",
                "start_date",
                "user_agent",
            }
        ),
        old_tool="the tap",
    ),
    # https://github.com/OWOX/owox-data-marts, packages/connectors/src/Sources/MicrosoftAds/Source.js: parameters. The
    # values under AuthType count before the deprecated ones beside it, as they do there (getAccessToken).
    Kind(
        KindName.OWOX,
        "OWOX Data Marts, Microsoft Ads",
        {
            "client_id": ("ClientId", "ClientID"),
            "client_secret": ("ClientSecret",),
            "developer_token": ("DeveloperToken",),
            "customer_id": ("CustomerID",),
            "account_id": ("AccountIDs", "AccountID"),
            "refresh_token": ("GeneratedRefreshToken", "RefreshToken"),
        },
        frozenset(
            {
                "AccountID",
                "AccountIDs",
                "AuthType",
                "ClientID",
                "CustomerID",
                "GeneratedRefreshToken",
                "ReimportLookbackWindow",
                "ReportTimezone",
            }
        ),
        old_tool="the data mart's connector",
    ),
    # https://github.com/BingAds/BingAds-Python-SDK, examples/v13/auth_helper.py: constants of a module, and refresh.txt
    # with the bare token. The SDK reads no file itself: people keep these as .env, INI, JSON or flat YAML.
    Kind(
        KindName.BINGADS_SDK,
        "BingAds SDK",
        {
            "client_id": ("ClientId",),
            "client_secret": ("ClientSecret",),
            "tenant": ("Tenant", "TenantId"),
            "developer_token": ("DeveloperToken",),
            "customer_id": ("CustomerId",),
            "account_id": ("AccountId",),
            "refresh_token": ("RefreshToken",),
        },
        frozenset(
            {
                "AccountId",
                "CLIENT_ID",
                "CLIENT_STATE",
                "ClientId",
                "ClientState",
                "CustomerId",
                "DEVELOPER_TOKEN",
                "ENVIRONMENT",
                "REFRESH_TOKEN",
            }
        ),
        environment="Environment",
        old_tool="the program that uses the SDK",
    ),
    # docs/credentials.md: the document of this project, from another installation.
    Kind(
        KindName.CREDENTIAL,
        "Token Refresher",
        {
            "client_id": ("client_id",),
            "client_secret": ("client_secret",),
            "tenant": ("tenant",),
            "scope": ("scope",),
            "developer_token": ("developer_token",),
            "customer_id": ("customer_id",),
            "account_id": ("account_id",),
            "client_secret_expires_at": ("client_secret_expires_at",),
            "refresh_token": ("refresh_token",),
        },
        frozenset({"account_id", "client_secret_expires_at", "granted_scope", "identity", "refreshed_at", "tenant"}),
        old_tool="the other installation",
    ),
    # RFC 6749, section 5.1: the response of the token endpoint. Its scope is what was granted, not what to ask for.
    Kind(
        KindName.TOKEN_ANSWER,
        "the token endpoint's response",
        {"refresh_token": ("refresh_token",)},
        frozenset(),
        old_tool="the program that requested it",
    ),
)


def plain(name: str) -> str:
    """Return a name for comparison: lower case, letters and digits only."""
    return "".join(character for character in name.lower() if character.isalnum())


KNOWN: Final = frozenset(plain(one) for kind in KINDS for theirs in kind.keys.values() for one in theirs)
_MARKS: Final = frozenset(mark for kind in KINDS for mark in kind.marks)


def is_theirs(name: str) -> bool:
    """Tell whether a tool uses this name; any other text may even be the beginning of a token."""
    return plain(name) in KNOWN or name in _MARKS
