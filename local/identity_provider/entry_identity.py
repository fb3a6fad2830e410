"""Who signed in, as an answer in the dialect of an entry says it: an ID token, members of the answer, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.identity_provider.answers import OTHER_NONCE, unsigned
from local.identity_provider.faults import Fault, FaultKind

if TYPE_CHECKING:
    from local.identity_provider.people import Person
    from local.identity_provider.records import Issued
    from token_refresher.providers.catalogue.entry import ProviderEntry


def members(entry: ProviderEntry, issued: Issued, issuer_host: str, fault: Fault | None) -> dict[str, Any]:
    """Return the members of an answer that say who signed in."""
    facts, kind = entry.identity, fault.kind if fault else None
    if facts is None:
        return {}
    names = (*facts.subject, *([facts.username] if facts.username else []))
    person = {name: _fact(issued.grant.person, name, issuer_host) for name in names}
    if not facts.is_id_token:
        return person
    if "openid" not in issued.scope or kind is FaultKind.NO_ID_TOKEN:
        return {}
    now = int(issued.issued_at.timestamp())
    claims: dict[str, Any] = {
        "iss": f"{issuer_host}/{entry.name}",
        "aud": issued.app.client_id,
        "iat": now,
        "exp": now + int(issued.app.access_token_lifetime.total_seconds()),
        **person,
    }
    nonce = OTHER_NONCE if kind is FaultKind.WRONG_NONCE else issued.grant.nonce
    return {"id_token": unsigned(claims | ({"nonce": nonce} if nonce else {}))}


def _fact(person: Person, name: str, issuer_host: str) -> str | int:
    """Return what a claim or a member has: a name that people know, or an opaque number or text."""
    match name:
        case "email" | "preferred_username":
            return person.username
        case "hub_id":
            return int(person.accounts[0].customer_id)
        case "user_id":
            return int(person.user_id)
        case "id":
            # Salesforce: the organization and the user, as an address.
            return f"{issuer_host}/id/{person.accounts[0].customer_id}/{person.user_id}"
        case _:
            return person.object_id
