"""An application that the stand-in for Microsoft knows, and the credential document that signs in with it."""

import json
import uuid
from dataclasses import dataclass
from typing import Any, Final, Self

from local.stack import LocalStack

ACCOUNT_ID: Final = "1234567"
"""An account of the stand-in that its ads owner reaches."""


@dataclass(frozen=True)
class Application:
    """An app registration: what an operator takes from Microsoft's portal.

    Attributes:
        client_id: The application (client) ID.
        client_secret: The value of its client secret.
    """

    client_id: str
    client_secret: str

    @classmethod
    def register(cls, stack: LocalStack, *, client_id: str = "", planted: str = "local", **settings: Any) -> Self:
        """Register an application with the redirect URI of a stack.

        Args:
            stack: A running stack.
            client_id: Its ID, or empty for a new one.
            planted: What its secret begins with, so that a test finds it wherever it should not be.
            settings: How the identity provider treats it.
        """
        application = cls(client_id or str(uuid.uuid4()), f"{planted}-{uuid.uuid4()}")
        stack.identity_provider.register(
            application.client_id,
            client_secret=application.client_secret,
            redirect_uris=[stack.outputs["CallbackUrl"]],
            **settings,
        )
        return application

    def document(self, **others: Any) -> dict[str, Any]:
        """Return a credential document that signs in with it, with other keys beside."""
        return {"client_id": self.client_id, "client_secret": self.client_secret, **others}


def put_secret(stack: LocalStack, name: str, document: dict[str, Any]) -> None:
    """Put a credential as a tool of AWS would, which knows nothing of what is in it."""
    stack.aws.client("secretsmanager").create_secret(
        Name=f"{stack.prefix}/{name}", SecretString=json.dumps(document, indent=2)
    )
