"""Where a grant waits while the secret store is down: the port, and what is kept there."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol, Self

from token_refresher.clock import from_rfc3339, optional_from_rfc3339, optional_to_rfc3339, to_rfc3339
from token_refresher.grant import Grant, Identity
from token_refresher.intent import Base
from token_refresher.sensitive import Sensitive


@dataclass(frozen=True)
class EscrowedGrant:
    """A grant that could not be stored with its credential.

    Attributes:
        credential: The credential's name.
        arn: Of its secret: what was deleted and created anew under the same name is another one.
        attempt: The attempt that brought it.
        base: The tokens it is to follow.
        grant: The tokens.
    """

    credential: str
    arn: str
    attempt: str
    base: Base
    grant: Grant

    def without_access_token(self) -> Self:
        """Return what must not be lost of it, where there is room for no more."""
        return replace(self, grant=replace(self.grant, access_token=None, expires_at=None))

    def dump(self) -> str:
        """Write all but the name and the attempt, which say where it is."""
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
            }
        )

    @classmethod
    def parse(cls, credential: str, attempt: str, text: str) -> Self:
        """Read what `dump` wrote.

        Raises:
            ValueError: It is nothing that `dump` writes; the message quotes none of it.
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
            )
            base = Base(fields["presented"], optional_from_rfc3339(fields["refreshed_at"]))
            return cls(credential, fields["arn"], attempt, base, grant)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError(f"what is in escrow for {credential} is not readable") from None


class EscrowInventory(Protocol):
    """What dispatch sees of the escrow: whose grants are there, and never a value."""

    def credentials(self) -> Iterable[str]:
        """Return the names of the credentials that have something in escrow.

        Raises:
            ServiceUnavailableError: They could not be listed.
        """
        ...


class Escrow(Protocol):
    """Where grants wait; every call raises `ServiceUnavailableError` when it cannot be done."""

    def put(self, escrowed: EscrowedGrant) -> None:
        """Keep a grant; doing it again changes nothing."""
        ...

    def of(self, credential: str) -> list[EscrowedGrant]:
        """Return what is kept for a credential."""
        ...

    def remove(self, escrowed: EscrowedGrant) -> None:
        """Forget a grant, if it is there."""
        ...


def _sensitive(text: str | None) -> Sensitive | None:
    return None if text is None else Sensitive(text)
