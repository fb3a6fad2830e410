"""Read from the ID token of Microsoft who signed in."""

from datetime import datetime
from typing import Any

from token_refresher.base import identifiers
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.text import readable
from token_refresher.credential.identity import Identity
from token_refresher.providers.id_token import Fault, InvalidIdTokenError, verified_claims


def identify(id_token: Sensitive | None, client_id: str, nonce: str, now: datetime) -> Identity:
    """Return the identity of the person who signed in. The issuer is not checked: it differs from tenant to tenant.

    Raises:
        InvalidIdTokenError: The token is not of this sign-in, or does not say who signed in.

    Source: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
    """
    claims = verified_claims(id_token, client_id, nonce, now)
    tenant_id, object_id = (readable(str(claim or "")) for claim in (claims.get("tid"), _person(claims)))
    if not tenant_id or not object_id:
        raise InvalidIdTokenError(Fault.INCOMPLETE)
    username = readable(str(claims.get("preferred_username") or claims.get("name") or ""))
    return Identity(username or object_id, identifiers.guid(tenant_id), identifiers.guid(object_id), now)


def _person(claims: dict[str, Any]) -> object:
    return claims.get("oid") or claims.get("sub")
