"""Sends the token with the REST client of `dlt`: ``RESTClient(url, auth=TokenReaderAuth("acme-ads"))``."""

from typing import Annotated

from dlt.common.configuration import configspec
from dlt.common.configuration.specs.base_configuration import NotResolved
from dlt.sources.helpers.rest_client.auth import AuthConfigBase
from requests import PreparedRequest

from token_refresher_client.reader import TokenReader
from token_refresher_client.requests import TokenAuth


@configspec
class TokenReaderAuth(AuthConfigBase):  # type: ignore[misc]
    """Puts the newest token into each request, and sends it once more with a newer one after a 401.

    `dlt` can take ``credential`` and ``prefix`` from its configuration, such as ``.dlt/config.toml``: neither is a
    secret.

    Attributes:
        credential: The name of the credential, as in `TokenReader`.
        prefix: Its prefix, as in `TokenReader`.
        reader: A reader that exists already, in place of the two.
    """

    credential: str | None = None
    prefix: str | None = None
    reader: Annotated[TokenReader | None, NotResolved()] = None

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Authenticate a request, as requests asks its authentication to."""
        if self.reader is None:
            self.reader = TokenReader(self.credential or "", prefix=self.prefix)
        return TokenAuth(self.reader)(request)
