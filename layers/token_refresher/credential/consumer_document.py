"""The document of a consumer secret: what a pipeline needs, and neither the refresh token nor the client secret."""

from typing import Any, Final

from token_refresher.base.clock import to_rfc3339
from token_refresher.credential.document import Credential
from token_refresher.credential.status import Status

MOVED_TO_KEY: Final = "moved_to"
"""In the document of a pointer: the name of the secret that the credential has now."""


def consumer_document(
    prefix: str, name: str, credential: Credential, status: Status, reason: str = ""
) -> dict[str, Any]:
    """Return the document of a consumer secret; empty if the credential has no access token yet.

    Args:
        prefix: The prefix of the credentials of this stack.
        name: The name of the credential.
        credential: Its document.
        status: Its status.
        reason: Why its tokens are not renewed; empty if they are.
    """
    tokens = readable_tokens(credential)
    if not tokens:
        return {}
    developer_token = credential.developer_token if credential.publish_developer_token else None
    return {
        "prefix": prefix,
        "credential": name,
        "status": str(status),
        **({"reason": reason} if reason else {}),
        **tokens,
        **({"developer_token": developer_token.reveal()} if developer_token else {}),
    }


def pointer_document(moved_to: str, credential: Credential) -> dict[str, Any]:
    """Return the document of a pointer: all that a reader of the old name reads, as long as the pointer lives.

    Args:
        moved_to: The name of the secret that the credential has now.
        credential: Its document.
    """
    developer_token = credential.developer_token
    return {
        MOVED_TO_KEY: moved_to,
        **readable_tokens(credential),
        **({"developer_token": developer_token.reveal()} if developer_token else {}),
    }


def readable_tokens(credential: Credential) -> dict[str, Any]:
    """Return the access token and what belongs to it; empty without one."""
    if credential.access_token is None or credential.expires_at is None or credential.refreshed_at is None:
        return {}
    ids = {"account_id": credential.account_id, "customer_id": credential.customer_id}
    return {
        "access_token": credential.access_token.reveal(),
        "token_type": credential.token_type,
        "expires_at": to_rfc3339(credential.expires_at),
        "expires_at_epoch": int(credential.expires_at.timestamp()),
        "refreshed_at": to_rfc3339(credential.refreshed_at),
        **({"scope": credential.granted_scope} if credential.granted_scope else {}),
        **{key: value for key, value in ids.items() if value is not None},
    }
