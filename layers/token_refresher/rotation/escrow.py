"""The escrow, where a grant waits while the secret store is down: its port and its record."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol, Self

from token_refresher.base.clock import from_rfc3339, optional_from_rfc3339, optional_to_rfc3339, to_rfc3339
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.grant import Grant
from token_refresher.credential.identity import Identity
from token_refresher.rotation.intent import Base


@dataclass(frozen=True)
class EscrowedGrant:
    """A grant that could not be stored with its credential.

    Attributes:
        credential: The credential's name.
        arn: The ARN of its secret. A secret that is deleted and created again gets another one.
        attempt: The ID of the attempt that received the grant.
        base: The tokens that the grant follows.
        grant: The tokens.
    """

    credential: str
    arn: str
    attempt: str
    base: Base
    grant: Grant

    def without_access_token(self) -> Self:
        """Return the same without its access token, for an escrow that has no room for both tokens."""
        return replace(self, grant=replace(self.grant, access_token=None, expires_at=None))

    def dump(self) -> str:
        """Serialize everything but the name and the attempt, which are in the key of the escrow."""
        grant, identity = self.grant, self.grant.identity
        return json.dumps(
            {
                "arn": self.arn,
                "presented": self.base.presented,
                "refreshed_at": optional_to_rfc3339(self.base.refreshed_at),
                "access_token": grant.access_token.reveal() if grant.access_token else None,
                "token_type": grant.token_type,
                "expires_at": optional_to_rfc3339(grant.expires_at),
                "scope": grant.scope,
                "refresh_token": grant.refresh_token.reveal() if grant.refresh_token else None,
                "issued_at": to_rfc3339(grant.issued_at),
                "identity": identity.to_document() if identity else None,
                "refresh_token_expires_at": optional_to_rfc3339(grant.refresh_token_expires_at),
            }
        )

    @classmethod
    def parse(cls, credential: str, attempt: str, text: str) -> Self:
        """Parse the text that `dump` wrote.

        Raises:
            ValueError: `dump` does not write such a text. The message quotes none of it.
        """
        try:
            fields = json.loads(text)
            grant = Grant(
                access_token=_sensitive(fields["access_token"]),
                token_type=fields["token_type"],
                expires_at=optional_from_rfc3339(fields["expires_at"]),
                scope=fields["scope"],
                refresh_token=_sensitive(fields["refresh_token"]),
                issued_at=from_rfc3339(fields["issued_at"]),
                identity=Identity.from_document(fields["identity"]) if fields["identity"] is not None else None,
                # An earlier version did not write it.
                refresh_token_expires_at=optional_from_rfc3339(fields.get("refresh_token_expires_at")),
            )
            base = Base(fields["presented"], optional_from_rfc3339(fields["refreshed_at"]))
            return cls(credential, fields["arn"], attempt, base, grant)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError(f"what is in escrow for {credential} is not readable") from None


class EscrowInventory(Protocol):
    """The part of the escrow that dispatch sees: the names of the credentials, and no value."""

    def credentials(self) -> Iterable[str]:
        """Return the names of the credentials that have a grant in escrow.

        Raises:
            ServiceUnavailableError: The escrow could not be listed.
        """
        ...


class Escrow(Protocol):
    """The escrow. Every call raises `ServiceUnavailableError` if it cannot be done."""

    def put(self, escrowed: EscrowedGrant) -> None:
        """Keep a grant. A repeated call changes nothing."""
        ...

    def of(self, credential: str) -> list[EscrowedGrant]:
        """Return the grants of a credential."""
        ...

    def remove(self, escrowed: EscrowedGrant) -> None:
        """Remove a grant, if it is there."""
        ...


def _sensitive(text: str | None) -> Sensitive | None:
    return None if text is None else Sensitive(text)
