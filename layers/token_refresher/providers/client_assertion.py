"""The client assertion: a JSON Web Token that proves by a private key who the client is (RFC 7523, sections 2.2 and 3).

The key signs with PS256 (RFC 7518, section 3.5). Entra ID finds its certificate by the SHA-256 thumbprint in the header
(https://learn.microsoft.com/entra/identity-platform/certificate-credentials).
"""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from token_refresher.base.clock import Clock
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""Source: RFC 7523, section 2.2"""

_LIFETIME: Final = timedelta(minutes=10)
"""Entra ID accepts up to ten minutes; an attempt takes less than one."""

_SHORTEST_KEY: Final = 2048
"""The bits that PS256 requires (RFC 7518, section 3.5)."""

KmsSign = Callable[[str, bytes], bytes]
"""Signs a text with PS256 by a key of KMS, which is named by its ID.

It raises `MalformedCredentialError` if the key cannot sign, and `ServiceUnavailableError` if KMS does not sign.
"""


def no_kms(_key_id: str, _signed: bytes) -> bytes:
    """Refuse a key of KMS where there is no KMS."""
    raise MalformedCredentialError("private_key_kms_key_id", "cannot be used here, where no key of KMS signs")


@dataclass(frozen=True)
class ClientAssertions:
    """Makes client assertions.

    Attributes:
        clock: Returns the time.
        kms_sign: Signs by a key of KMS.
    """

    clock: Clock
    kms_sign: KmsSign = no_kms

    def make(self, credential: Credential, audience: str) -> Sensitive:
        """Return a new assertion, which a token endpoint accepts once and for ten minutes.

        Args:
            credential: The document with the key, or with the name of a key of KMS.
            audience: The address of the token endpoint.

        Raises:
            MalformedCredentialError: The key or the certificate cannot be used.
            ServiceUnavailableError: KMS did not sign.
        """
        now = int(self.clock().timestamp())
        header = {"alg": "PS256", "typ": "JWT", **_thumbprint(credential)}
        claims = {
            "aud": audience,
            "iss": credential.client_id,
            "sub": credential.client_id,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "nbf": now,
            "exp": now + int(_LIFETIME.total_seconds()),
        }
        signed = f"{_encoded(_json(header))}.{_encoded(_json(claims))}"
        return Sensitive(f"{signed}.{_encoded(self._signature(credential, signed.encode()))}")

    def _signature(self, credential: Credential, signed: bytes) -> bytes:
        if credential.private_key is None:
            return self.kms_sign(credential.private_key_kms_key_id or "", signed)
        key = _rsa_key(credential.private_key)
        _check_pair(credential, key)
        # Loaded here: few credentials have a private key, and an ordinary start must not pay for it.
        from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

        return key.sign(signed, padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH), SHA256())


def _rsa_key(private_key: Sensitive) -> "RSAPrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - See above.
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(private_key.reveal().encode(), password=None)
    except TypeError:
        raise MalformedCredentialError("private_key", "is encrypted with a passphrase; decrypt it first") from None
    except (ValueError, UnsupportedAlgorithm):
        # Its own message may quote what it could not read.
        raise MalformedCredentialError("private_key", "is no private key in PEM") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < _SHORTEST_KEY:
        raise MalformedCredentialError("private_key", f"must be an RSA key of at least {_SHORTEST_KEY} bits")
    return key


def _check_pair(credential: Credential, key: "RSAPrivateKey") -> None:
    if credential.certificate is not None and certificate_of(credential.certificate).public_key() != key.public_key():
        raise MalformedCredentialError("certificate", "is of another key than private_key")


def _thumbprint(credential: Credential) -> dict[str, str]:
    if credential.certificate is None:
        return {}
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - See above.

    return {"x5t#S256": _encoded(certificate_of(credential.certificate).fingerprint(SHA256()))}


def certificate_of(text: str) -> Any:
    """Return the certificate in a PEM text.

    Raises:
        MalformedCredentialError: There is none.
    """
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415 - See above.

    try:
        return load_pem_x509_certificate(text.encode())
    except ValueError:
        raise MalformedCredentialError("certificate", "is no certificate in PEM") from None


def _json(members: dict[str, Any]) -> bytes:
    return json.dumps(members, separators=(",", ":")).encode()


def _encoded(data: bytes) -> str:
    """Return base64url without padding (RFC 7515, section 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()
