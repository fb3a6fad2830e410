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

    ``tenant_id`` and ``object_id`` (the ``tid`` and ``oid`` claims) together identify a person. ``username`` is for
    people to read, and may change.
    """

    username: str
    tenant_id: str
    object_id: str
    consented_at: datetime

    def is_same_person(self, other: "Identity") -> bool:
        """Tell whether both are the same user of the same tenant, even if the username has changed."""
        return self.person == other.person

    @property
    def person(self) -> str:
        """The person in one text: an object id is unique only within its tenant."""
        return f"{identifiers.guid(self.tenant_id)}/{identifiers.guid(self.object_id)}"

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
        texts = {"username": self.username, "tenant_id": self.tenant_id, "object_id": self.object_id}
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
        return cls(username, tenant_id, object_id, from_rfc3339(fields["consented_at"]))
