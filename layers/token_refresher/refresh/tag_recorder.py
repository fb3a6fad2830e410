"""Writes the status tags of a secret after an attempt, and notifies the operator if AWS keeps refusing that."""

from contextlib import suppress
from dataclasses import dataclass

from token_refresher.alerts.alerting import Alerting
from token_refresher.base.errors import CANNOT_NOTIFY, StaleObservationError
from token_refresher.credential.status import Status
from token_refresher.diagnosis.aws_refusal import diagnose_tags
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.registry import Registry
from token_refresher.registry.saving import save_result
from token_refresher.registry.status_tags import StatusTagWriter
from token_refresher.rotation.secret_store import SecretState


@dataclass(frozen=True)
class TagRecorder:
    """Keeps the status tags of a secret in step with its entry.

    Attributes:
        registry: Holds the entries.
        alerting: Notifies people.
        tags: Writes the status tags.
    """

    registry: Registry
    alerting: Alerting
    tags: StatusTagWriter

    def write(self, state: SecretState, entry: RegistryEntry) -> bool:
        """Write the status tags of the secret, and return whether they agree with the entry.

        If AWS keeps refusing that, the operator is notified, and the refreshes go on.
        """
        shown = self.tags.show(state, entry)
        with suppress(*CANNOT_NOTIFY, StaleObservationError):
            if shown.is_shown and entry.is_unshown:
                save_result(self.registry, entry, self.alerting.notify_recovered(entry, entry.pardoned()))
            elif shown.refusal is not None and entry.status is Status.HEALTHY:
                if entry.diagnosis is None and not entry.is_unshown:
                    # A new permission takes effect in IAM a moment later, so the next attempt confirms the refusal.
                    save_result(self.registry, entry, entry.diagnosed(diagnose_tags(shown.refusal)))
                elif entry.is_unshown:
                    diagnosis = diagnose_tags(shown.refusal)
                    notified = self.alerting.notify(entry.diagnosed(diagnosis), diagnosis, None)
                    if notified != entry:
                        save_result(self.registry, entry, notified)
        return shown.is_shown
