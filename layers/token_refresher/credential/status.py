"""The status of a credential."""

from enum import StrEnum

from token_refresher.diagnosis.diagnosis import FIRST_CONSENT, Actor, Diagnosis


class Status(StrEnum):
    """Whether a credential works, and if not, who has to act."""

    AWAITING_CONSENT = "awaiting_consent"
    HEALTHY = "healthy"
    RETRYING = "retrying"
    NEEDS_CONSENT = "needs_consent"
    NEEDS_OPERATOR = "needs_operator"
    PAUSED = "paused"

    @property
    def needs_a_person(self) -> bool:
        """Whether a person has to act. Usually no refresh is tried before (see `RegistryRecord.is_tried_on`)."""
        return self in {Status.AWAITING_CONSENT, Status.NEEDS_CONSENT, Status.NEEDS_OPERATOR}


def status_for(diagnosis: Diagnosis) -> Status:
    """Return the status of a credential with this diagnosis."""
    match diagnosis.actor:
        case Actor.USER:
            return Status.AWAITING_CONSENT if diagnosis.meaning == FIRST_CONSENT else Status.NEEDS_CONSENT
        case Actor.OPERATOR | Actor.ADMINISTRATOR:
            return Status.NEEDS_OPERATOR
        case Actor.NOBODY:
            return Status.RETRYING
