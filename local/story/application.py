"""An application at the stand-in for Microsoft, and the credential document that uses it."""

import json
import uuid
from dataclasses import dataclass
from typing import Any, Final, Self

from local.stack.stack import LocalStack

ACCOUNT_ID: Final = "1234567"
"""The account that the stand-in's ads owner reaches."""


@dataclass(frozen=True)
class Application:
    """An app registration, with the values that an operator copies from Microsoft's portal.

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
            client_id: The ID of the application, or empty for a new one.
            planted: The beginning of its client secret, by which tests search for leaks.
            settings: Settings for the control API of the identity provider.
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
        """Return a credential document for the application, with additional keys."""
        return {"client_id": self.client_id, "client_secret": self.client_secret, **others}


def put_secret(stack: LocalStack, name: str, document: dict[str, Any]) -> None:
    """Create the secret of a credential without the command, as an AWS tool would."""
    stack.aws.client("secretsmanager").create_secret(
        Name=f"{stack.prefix}/{name}", SecretString=json.dumps(document, indent=2)
    )
