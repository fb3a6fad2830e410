"""The identity of the person who gave a consent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from token_refresher.base import identifiers
from token_refresher.base.clock import from_rfc3339, to_rfc3339
from token_refresher.base.text import readable

_SHORTEST_DIFFERENCE: Final = timedelta(seconds=1)
"""Documents hold times to the second."""


@dataclass(frozen=True)
class Identity:
    """The person who gave a consent, and when.

    Attributes:
        username: The name that people know, which may change; empty if the provider tells none.
        tenant_id: The ``tid`` claim of Microsoft, or empty.
        object_id: The ``oid`` claim of Microsoft, or empty: with the tenant it identifies a person.
        consented_at: When the consent was given.
        subject: What identifies the person at any other provider, or empty.
    """

    username: str
    tenant_id: str
    object_id: str
    consented_at: datetime
    subject: str = ""

    @classmethod
    def unknown(cls, consented_at: datetime) -> Self:
        """Return the identity of a consent of which the provider does not say who gave it."""
        return cls("", "", "", consented_at)

    def is_same_person(self, other: "Identity") -> bool:
        """Tell whether both are the same user, even if the username has changed; an unknown person may be anybody."""
        return not self.is_known or not other.is_known or self.person == other.person

    @property
    def is_known(self) -> bool:
        """Whether the provider has said who the person is."""
        return bool(self.username or self.tenant_id or self.object_id or self.subject)

    @property
    def person(self) -> str:
        """The person in one text: an object id is unique only within its tenant."""
        return self.subject or f"{identifiers.guid(self.tenant_id)}/{identifiers.guid(self.object_id)}"

    def following(self, last: "Identity | None") -> Self:
        """Return this identity with a time of consent that is later than the last one's, whatever the clocks say.

        A consent that seems older than the current one would be dropped, and two consents within one second would have
        the same connect links.
        """
        if last is None or self.consented_at > last.consented_at + _SHORTEST_DIFFERENCE:
            return self
        return replace(self, consented_at=last.consented_at + _SHORTEST_DIFFERENCE)

    def to_document(self) -> dict[str, str]:
        """Return the ``identity`` object of a credential document."""
        texts = {
            "username": self.username,
            "tenant_id": self.tenant_id,
            "object_id": self.object_id,
            "subject": self.subject,
        }
        known = {key: readable(text) for key, text in texts.items() if readable(text)}
        return {**known, "consented_at": to_rfc3339(self.consented_at)}

    @classmethod
    def from_document(cls, fields: Mapping[str, str]) -> Self:
        """Read what `to_document` returned.

        Raises:
            KeyError: There is no time of consent.
            ValueError: The time of consent is not valid.
        """
        username, tenant_id, object_id = (fields.get(key, "") for key in ("username", "tenant_id", "object_id"))
        return cls(username, tenant_id, object_id, from_rfc3339(fields["consented_at"]), fields.get("subject", ""))
