"""Private keys and certificates, made anew in each process."""

from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import NameOID


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return one and the same key."""
    return rsa.generate_private_key(65537, bits)


@cache
def another_key() -> rsa.RSAPrivateKey:
    """Return another key than `rsa_key`."""
    return rsa.generate_private_key(65537, 2048)


def pem(key: PrivateKeyTypes, passphrase: bytes | None = None) -> str:
    """Return a key as its file has it."""
    encryption = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()


def certificate(key: rsa.RSAPrivateKey, ends_at: datetime = datetime(2027, 1, 31, 9, tzinfo=UTC)) -> str:
    """Return a certificate of a key that its own key has signed."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "token-refresher")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(ends_at)
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
