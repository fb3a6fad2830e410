"""The scope of a request, as the provider of the credential wants it (RFC 6749, section 3.3)."""

from token_refresher.credential.document import Credential
from token_refresher.providers.catalogue.entry import ProviderEntry


def scope_of(entry: ProviderEntry, credential: Credential) -> str:
    """Return the scope of a credential, with spaces: the document's, or the provider's default."""
    return credential.scope or entry.scope.default


def requested_scope(entry: ProviderEntry, credential: Credential) -> str:
    """Return the scope that a refresh asks for."""
    return entry.scope.separator.join(scope_of(entry, credential).split())


def sign_in_scope(entry: ProviderEntry, credential: Credential) -> str:
    """Return the scope of a sign-in: with the scopes that make the answer say who signed in."""
    asked = scope_of(entry, credential).split()
    identity = [one for one in entry.scope.identity.split() if one not in asked]
    return entry.scope.separator.join([*identity, *asked])
