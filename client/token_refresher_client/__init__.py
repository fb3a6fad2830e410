"""Gives fresh access tokens to pipelines, from the secrets that Token Refresher keeps.

>>> from token_refresher_client import TokenReader
>>> reader = TokenReader("acme-ads")
>>> headers = {"Authorization": reader.token().authorization}  # doctest: +SKIP
"""

from token_refresher_client.document import Account, Token
from token_refresher_client.errors import (
    MalformedSecretError,
    MissingPermissionError,
    RenameLoopError,
    SecretMissingError,
    SecretsManagerError,
    TokenNotFreshError,
    TokenReaderError,
)
from token_refresher_client.reader import TokenReader

__all__ = [
    "Account",
    "MalformedSecretError",
    "MissingPermissionError",
    "RenameLoopError",
    "SecretMissingError",
    "SecretsManagerError",
    "Token",
    "TokenNotFreshError",
    "TokenReader",
    "TokenReaderError",
]
