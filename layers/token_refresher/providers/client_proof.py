"""How a request proves to the token endpoint which client sends it (RFC 6749, section 2.3; RFC 7591, section 2)."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from token_refresher.base.errors import MalformedCredentialError
from token_refresher.credential.document import Credential
from token_refresher.providers.catalogue.entry import AuthMethod, ProviderEntry
from token_refresher.providers.client_assertion import ASSERTION_TYPE, ClientAssertions

_WITH_SECRET = (AuthMethod.POST, AuthMethod.BASIC)
_KEYS = ("private_key", "private_key_kms_key_id")


@dataclass(frozen=True)
class ClientProof:
    """What a request adds to prove which client sends it. It is secret, and is never shown."""

    form: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "ClientProof()"


def client_proof(
    entry: ProviderEntry, credential: Credential, address: str, assertions: ClientAssertions
) -> ClientProof:
    """Return the proof by what the document has: a private key, else a client secret, else nothing.

    Args:
        entry: How the provider behaves.
        credential: The document.
        address: The address of the token endpoint.
        assertions: Makes a proof with a private key.

    Raises:
        MalformedCredentialError: The document has no means for any method of the provider, or its key cannot be used.
        ServiceUnavailableError: KMS did not sign.
    """
    public = {"client_id": credential.client_id}
    keys = [key for key in _KEYS if getattr(credential, key) is not None]
    if keys:
        if AuthMethod.PRIVATE_KEY_JWT not in entry.token.auth_methods:
            raise MalformedCredentialError(keys[0], f"is not accepted by {entry.words.provider}; remove it")
        if len(keys) > 1:
            raise MalformedCredentialError(keys[1], "stands beside private_key; keep one of them")
        assertion = assertions.make(credential, address).reveal()
        return ClientProof({**public, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion})
    secret = credential.client_secret
    if secret is None:
        if AuthMethod.NONE not in entry.token.auth_methods:
            raise MalformedCredentialError("client_secret", f"is missing; {entry.words.provider} requires one")
        return ClientProof(public)
    method = next((one for one in entry.token.auth_methods if one in _WITH_SECRET), None)
    if method is None:
        raise MalformedCredentialError("client_secret", f"is not accepted by {entry.words.provider}; remove it")
    if method is AuthMethod.POST:
        return ClientProof({**public, "client_secret": secret.reveal()})
    # RFC 6749, section 2.3.1: both are form-encoded before they are joined.
    pair = f"{quote_plus(credential.client_id)}:{quote_plus(secret.reveal())}"
    return ClientProof({}, {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"})
