"""Gives a credential another name: copies its secret, and turns the old secret into a pointer to the new one.

Secrets Manager cannot rename a secret, and two secrets with one refresh token would spend it twice. So the copy is made
while nothing refreshes either secret. Each step can be repeated: the same command finishes an interrupted run.

1. Pause the old credential, when no exchange of it is under way.
2. Create the new secret with the same text, paused, with the tag of an unfinished copy.
3. Copy the registry entry, paused.
4. Tag the old secret as a pointer: nothing refreshes it from now on. Wait for one lease, in which a sign-in ends that
   had read the secret before the tag.
5. Replace the old document by a pointer's, by compare-and-swap on the version that was copied. What was written since
   then is first written into the copy.
6. Remove the tag of the copy, and resume the new credential, unless an operator had paused the old one.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from token_refresher.base.clock import readable_time, to_rfc3339
from token_refresher.base.errors import MalformedCredentialError, PromotionRefusedError
from token_refresher.base.update import update
from token_refresher.credential.consumer_document import MOVED_TO_KEY, pointer_document
from token_refresher.credential.document import Credential
from token_refresher.credential.document_text import read_members
from token_refresher.credential.status import Status
from token_refresher.credential.status_tags import NO_REASON, StatusTags
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.sent_events import NOTHING_SENT
from token_refresher.rotation.intent import End
from token_refresher.rotation.publication import Publication
from token_refresher.rotation.secret_store import MOVED_TO_TAG, MOVED_UNTIL_TAG, NO_VERSION, successor
from token_refresher_cli.changes.registry_edit import RegistryEdit, forget, is_paused
from token_refresher_cli.changes.secret_edit import SecretEdit
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.secret import Secret, Secrets
from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.shell.terminal import noting_if_interrupted
from token_refresher_cli.shell.waiting import a_moment, wait

COPY_OF_TAG: Final = "token-refresher:copy-of"
"""On an unfinished copy: the old name."""

RENAMING_TAG: Final = "token-refresher:renaming-to"
"""On an old secret that only this rename has paused: the new name."""


_NOT_CARRIED: Final = ("token-refresher:", "aws:")
"""How tags begin that belong to Token Refresher or to AWS."""

_ROUNDS: Final = 5
"""A secret is written every three quarters of an hour; to lose more than one race is rare."""


@dataclass(frozen=True)
class Renaming:
    """Gives one credential another name.

    Attributes:
        installation: The installation.
        old: The old name.
        new: The new name.
        pointer_life: How long the operator should keep the pointer.
    """

    installation: Installation
    old: str
    new: str
    pointer_life: timedelta

    @property
    def secrets(self) -> Secrets:
        """The secrets of the installation."""
        return self.installation.secrets

    def run(self) -> bool:
        """Rename the credential, or finish an interrupted rename.

        Returns:
            Whether the credential is refreshed under its new name; false if an operator has paused it.

        Raises:
            CommandError: It cannot be renamed now. Another run goes on from there.
            MalformedCredentialError: The operator has to fix the document first.
        """
        secret = self._found()
        if is_new := secret.moved_to is None:
            self._pause(secret)
        with noting_if_interrupted(
            f"The rename is not finished, and nobody refreshes {self.old} until it is. Run the command again.",
            f"To undo it, while {self.old} is not a pointer yet: token-refresher resume {self.old}",
        ):
            if is_new:
                self._create(secret)
                until = self._now + self.pointer_life
                self._carry_over(until)
                self.secrets.tag(self.old, {MOVED_TO_TAG: self.new, MOVED_UNTIL_TAG: to_rfc3339(until)})
            self._wait_for_sign_ins()
            self._quiet(self.installation.registry.get(self.old))
            self._point()
            return self._finish()

    # --- State -----------------------------------------------------------------------------------------

    def _found(self) -> Secret:
        """Return the old secret, if it can get the new name."""
        old, new = self.secrets.find(self.old), self.secrets.find(self.new)
        if old is None or old.deleted_at is not None:
            raise Credentials(self.installation).not_found(self.old)
        if old.moved_to not in {None, self.new}:
            raise bad_input(
                f"{self.old} is already a pointer: its credential is {old.moved_to} now.", "Rename that one."
            )
        if new is not None and new.deleted_at is not None:
            raise bad_input(
                f"{self.new} is scheduled for deletion, and its name is taken until then.", "Choose another name."
            )
        if old.moved_to is None and new is not None and new.tags.get(COPY_OF_TAG) != self.old:
            raise bad_input(f"There is a credential {self.new} already.", "Choose another name.")
        other = old.tags.get(RENAMING_TAG, self.new)
        if other != self.new and self.secrets.find(other) is not None:
            raise bad_input(
                f"{self.old} is about to be renamed to {other}.",
                f"To finish that: token-refresher rename {self.old} {other}. To undo it: token-refresher remove"
                f" {other}, and token-refresher resume {self.old}.",
            )
        return old

    def _text(self, name: str) -> tuple[str, str]:
        secret = self.secrets.find(name)
        current = secret.current if secret else None
        if current is None:
            raise MalformedCredentialError(None, "the secret has no value yet")
        return current, self.installation.store.read(name, current)

    @property
    def _is_open(self) -> bool:
        """Whether the copy is unfinished. After that, the old secret is only a pointer, whatever is written to it."""
        copy = self.secrets.find(self.new)
        return copy is not None and copy.tags.get(COPY_OF_TAG) == self.old

    @property
    def _now(self) -> datetime:
        return self.installation.clock()

    # --- 1. ----------------------------------------------------------------------------------------------------

    def _pause(self, secret: Secret) -> None:
        state = Credentials(self.installation).state(self.old)
        if state.unfinished_successor is not None:
            raise self._unfinished("was stored, but not finished")
        Credential.parse(self._text(self.old)[1])  # Refuse a malformed document before anything is paused.
        if not is_paused(state, self.installation.registry.get(self.old)):
            self.secrets.tag(self.old, {RENAMING_TAG: self.new})
        first = RegistryEntry.discovered(self.old, secret.current or NO_VERSION, self._now)
        # If another exchange begins meanwhile, the write fails, and the next try waits for that one.
        entry = update(self.installation.registry, self.old, lambda entry: (self._quiet(entry) or first).paused())
        RegistryEdit(self.installation).show(state, entry or first)

    def _quiet(self, entry: RegistryEntry | None) -> RegistryEntry | None:
        """Wait until no exchange of the old credential can be under way, and return its entry."""
        lease = self.installation.settings.timing.lease
        while entry is not None and entry.intent is not None and entry.intent.end not in {End.ROTATED, End.UNANSWERED}:
            if not entry.intent.may_be_under_way(self._now, lease):
                raise self._unfinished(f"began at {readable_time(entry.intent.at)}, and its end was never recorded")
            a_moment()
            entry = self.installation.registry.get(self.old)
        return entry

    def _wait_for_sign_ins(self) -> None:
        """Wait for sign-ins that read the old secret before it was tagged; they may not be in the registry yet."""
        if self._is_open:
            wait(self.installation.settings.timing.lease)

    def _unfinished(self, what: str) -> CommandError:
        return CommandError(
            f"A refresh or sign-in of {self.old} {what}: its tokens may be stored, but are not current yet.",
            f"First run token-refresher refresh {self.old} (if it is paused: token-refresher resume {self.old}), then"
            " rename it.",
        )

    # --- 2. ----------------------------------------------------------------------------------------------------

    def _create(self, old: Secret) -> None:
        if self.secrets.find(self.new) is not None:
            return  # An earlier run created it; step 5 brings in what was written since.
        kept = {key: value for key, value in old.tags.items() if not key.startswith(_NOT_CARRIED)}
        tags = {**kept, **StatusTags(Status.PAUSED, NO_REASON).to_tags(), COPY_OF_TAG: self.old}
        text = self._text(self.old)[1]
        self.secrets.create(self.new, text, tags=tags, kms_key_id=old.kms_key_id, description=old.description)

    # --- 3. ----------------------------------------------------------------------------------------------------

    def _carry_over(self, until: datetime) -> None:
        """Copy the registry entry to the new name, without its alert and its answers.

        Args:
            until: Until when refreshes keep the pointer fresh.
        """
        registry = self.installation.registry
        version_id, text = self._text(self.new)

        def carried(new: RegistryEntry | None) -> RegistryEntry | None:
            old = registry.get(self.old)
            if old is None:
                return None
            return replace(
                old.observing(Credential.parse(text)),
                name=self.new,
                version_id=version_id,
                alert=None,
                answers=(),
                # These two are about the versions of the old secret.
                intent=None,
                versions_spent_until=None,
                publications=(*old.publications, Publication(self.installation.secret_id(self.old), until=until)),
                # Pipelines that wait for the new name have heard of none of it.
                sent_events=NOTHING_SENT,
                revision=new.revision if new else 0,
            ).paused()

        update(registry, self.new, carried)

    # --- 4. and 5. ---------------------------------------------------------------------------------------------

    def _point(self) -> None:
        for _ in range(_ROUNDS):
            version_id, text = self._text(self.old)
            try:
                if _is_pointer(text):
                    self._take_in_what_came_late()
                    return
                self._bring(text)
                SecretEdit(self.installation).swap(self.old, version_id, self._pointer(Credential.parse(text)))
            except PromotionRefusedError:
                continue  # Another process has written one of the two secrets.
        raise self._overtaken(self.old)

    def _bring(self, text: str) -> None:
        """Write the text of the old secret into the unfinished copy, unless the copy has newer tokens of a sign-in."""
        if not self._is_open:
            return
        version_id, copied = self._text(self.new)
        if copied != text and Credential.parse(copied).newest_at <= Credential.parse(text).newest_at:
            SecretEdit(self.installation).swap(self.new, version_id, text)

    def _pointer(self, credential: Credential) -> str:
        """Return the document of a pointer, with all that consumers read that do not follow yet."""
        return json.dumps(pointer_document(self.installation.secret_id(self.new), credential))

    def _take_in_what_came_late(self) -> None:
        """Bring in the tokens of a sign-in that were stored on top of the copied version, but never became current."""
        old = self.secrets.find(self.old)
        copied, pending = (
            (old.staging_labels.get("AWSPREVIOUS"), old.staging_labels.get("AWSPENDING")) if old else (None, None)
        )
        if old is None or copied is None or pending != successor(old.arn, copied):
            return
        self._bring(self.installation.store.read(self.old, pending))

    # --- 6. ----------------------------------------------------------------------------------------------------

    def _finish(self) -> bool:
        edit = RegistryEdit(self.installation)
        old = self.secrets.find(self.old)
        state = Credentials(self.installation).state(self.new)
        if old is not None and RENAMING_TAG in old.tags:
            edit.show(state, edit.change(state, lambda entry: entry.resumed(self._now)))
        self.secrets.untag(self.new, COPY_OF_TAG)
        forget(self.installation, self.old)
        self.secrets.untag(self.old, RENAMING_TAG)
        return not is_paused(state, self.installation.registry.get(self.new))

    def _overtaken(self, name: str) -> CommandError:
        return CommandError(
            f"Other processes changed {name} each time before this command could write it.",
            "Find out what writes it so often, and try again.",
        )


def _is_pointer(text: str) -> bool:
    """Tell whether a document is that of a pointer; one with a client id is a credential, whatever else it has."""
    values = read_members(text).values()
    return MOVED_TO_KEY in values and "client_id" not in values
