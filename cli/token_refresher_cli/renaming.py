"""How a credential gets another name, and its old secret becomes a pointer to the new one.

A secret cannot be renamed, so it is copied while nobody refreshes it. In this order, each step is found done or does
itself again, so a run that was cut short is finished by the same command:

1. The old one is paused, at a moment when no exchange of it is under way.
2. The new one is created with the same text. It is born paused, and marked as a copy that is not finished.
3. What is on record goes along, paused.
4. The old one is tagged as a pointer: nobody refreshes it, and a sign-in that did not see the tag has a lease to end.
5. Its document becomes that of a pointer, by compare-and-swap on the version that was copied. Whatever was written
   meanwhile is brought into the copy first.
6. The mark is taken off, and the new one is resumed, unless an operator had paused the old one.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from token_refresher.clock import readable_time, to_rfc3339
from token_refresher.credential import Credential
from token_refresher.errors import MalformedCredentialError, PromotionRefusedError, StaleObservationError
from token_refresher.intent import End
from token_refresher.json_members import JsonMembers
from token_refresher.registry_entry import RegistryEntry
from token_refresher.secret_store import MOVED_TO_TAG, MOVED_UNTIL_TAG, NO_VERSION, successor
from token_refresher.status import Status
from token_refresher.status_label import NO_REASON, StatusLabel
from token_refresher_cli.credentials import Credentials
from token_refresher_cli.errors import CommandError, bad_input
from token_refresher_cli.installation import Installation
from token_refresher_cli.on_demand import a_moment, wait
from token_refresher_cli.registry_edit import RegistryEdit, forget, is_paused
from token_refresher_cli.secret_edit import SecretEdit
from token_refresher_cli.terminal import noting_if_cut_short
from token_refresher_cli.whole_secret import WholeSecret

COPY_OF_TAG: Final = "token-refresher:copy-of"
"""Marks a copy that is not finished, with the name of what it is a copy of."""

RENAMING_TAG: Final = "token-refresher:renaming-to"
"""Marks what is paused only for as long as it is renamed."""

MOVED_TO_KEY: Final = "moved_to"
"""The key of a pointer's document: the name of the secret to read instead."""

_NOT_CARRIED: Final = ("token-refresher:", "aws:")
"""What the tags of ours and of AWS begin with."""

_ROUNDS: Final = 5


@dataclass(frozen=True)
class Renaming:
    """Gives one credential another name.

    Attributes:
        installation: Where.
        old: The name until now.
        new: The name from now on.
        pointer_life: How long the pointer is to be kept.
    """

    installation: Installation
    old: str
    new: str
    pointer_life: timedelta

    def run(self) -> bool:
        """Do what is left to do.

        Returns:
            Whether the credential is at work under its new name; false where an operator has paused it.

        Raises:
            CommandError: It cannot be done; what was begun is finished by doing it again.
            MalformedCredentialError: The document has to be mended first.
        """
        secret = self._found()
        if is_new := secret.moved_to is None:
            self._pause(secret)
        with noting_if_cut_short(
            f"This is not finished, and nobody refreshes {self.old} meanwhile. The same command finishes it.",
            f"To go back instead, while {self.old} is no pointer: token-refresher resume {self.old}",
        ):
            if is_new:
                self._create(secret)
                self._carry_over()
                until = to_rfc3339(self._now + self.pointer_life)
                self._tag(self.old, {MOVED_TO_TAG: self.new, MOVED_UNTIL_TAG: until})
            self._wait_for_sign_ins()
            self._wait_for_quiet()
            self._point()
            return self._finish()

    # --- What there is -----------------------------------------------------------------------------------------

    def _found(self) -> WholeSecret:
        """Return the old secret, if it can have the new name."""
        old, new = WholeSecret.find(self.installation, self.old), WholeSecret.find(self.installation, self.new)
        if old is None or old.deleted_at is not None:
            raise Credentials(self.installation).not_found(self.old)
        if old.moved_to not in {None, self.new}:
            raise bad_input(f"{self.old} is a pointer already: its credential is {old.moved_to} now.", "Rename that.")
        if new is not None and new.deleted_at is not None:
            raise bad_input(
                f"{self.new} is scheduled for deletion: AWS keeps its name until then.", "Choose another name."
            )
        if old.moved_to is None and new is not None and new.tags.get(COPY_OF_TAG) != self.old:
            raise bad_input(f"There is a credential {self.new} already.", "Choose another name.")
        other = old.tags.get(RENAMING_TAG, self.new)
        if other != self.new and WholeSecret.find(self.installation, other) is not None:
            raise bad_input(
                f"{self.old} is about to be renamed to {other}.",
                f"Finish that with token-refresher rename {self.old} {other}, or undo it with token-refresher remove"
                f" {other} and token-refresher resume {self.old}.",
            )
        return old

    def _text(self, name: str) -> tuple[str, str]:
        secret = WholeSecret.find(self.installation, name)
        current = secret.current if secret else None
        if current is None:
            raise MalformedCredentialError(None, "the secret has no value yet")
        return current, self.installation.store.read(name, current)

    @property
    def _is_open(self) -> bool:
        """Whether the copy is not finished; what is written to the old one later is nobody's credential."""
        copy = WholeSecret.find(self.installation, self.new)
        return copy is not None and copy.tags.get(COPY_OF_TAG) == self.old

    @property
    def _now(self) -> datetime:
        return self.installation.clock()

    # --- 1. ----------------------------------------------------------------------------------------------------

    def _pause(self, secret: WholeSecret) -> None:
        state = Credentials(self.installation).state(self.old)
        if state.unfinished_successor is not None:
            raise self._unfinished("was stored and not finished")
        Credential.parse(self._text(self.old)[1])  # What is malformed has no tokens to point with.
        if not is_paused(state, self.installation.registry.get(self.old)):
            self._tag(self.old, {RENAMING_TAG: self.new})
        while True:
            entry = self._wait_for_quiet()
            known = entry or RegistryEntry.discovered(self.old, secret.current or NO_VERSION, self._now)
            if entry is not None and entry.is_paused:
                break
            try:
                known = self.installation.registry.save(known.paused())
            except StaleObservationError:
                continue  # An exchange has begun meanwhile.
            break
        RegistryEdit(self.installation).show(state, known)

    def _wait_for_quiet(self) -> RegistryEntry | None:
        """Wait until no exchange can be under way, and return what is on record then."""
        lease = self.installation.settings.timing.lease
        while True:
            entry = self.installation.registry.get(self.old)
            intent = entry.intent if entry else None
            if intent is None or intent.end in {End.ROTATED, End.UNANSWERED}:
                return entry
            if not intent.may_be_under_way(self._now, lease):
                raise self._unfinished(f"that began at {readable_time(intent.at)} has no end on record")
            a_moment()

    def _wait_for_sign_ins(self) -> None:
        """Let a sign-in end that saw the old secret before the tag was there, whether or not it is on record yet."""
        if self._is_open:
            wait(self.installation.settings.timing.lease)

    def _unfinished(self, what: str) -> CommandError:
        return CommandError(
            f"An exchange of {self.old} {what}: its tokens may be stored, and are not current yet.",
            f"token-refresher refresh {self.old} sees to that (or resume, where it is paused); then rename it.",
        )

    # --- 2. ----------------------------------------------------------------------------------------------------

    def _create(self, old: WholeSecret) -> None:
        if WholeSecret.find(self.installation, self.new) is not None:
            return  # A run before this one did; what was written since is brought in later.
        kept = {key: value for key, value in old.tags.items() if not key.startswith(_NOT_CARRIED)}
        tags = {**kept, **StatusLabel(Status.PAUSED, NO_REASON).to_tags(), COPY_OF_TAG: self.old}
        optional = {"Description": old.description, "KmsKeyId": old.kms_key_id}
        self.installation.secrets.create_secret(
            Name=self.installation.secret_id(self.new),
            ClientRequestToken=str(uuid.uuid4()),
            SecretString=self._text(self.old)[1],
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            **{key: value for key, value in optional.items() if value},  # type: ignore[arg-type] # Texts, by name.
        )

    # --- 3. ----------------------------------------------------------------------------------------------------

    def _carry_over(self) -> None:
        """Put on record of the new one what is on record of the old one, without what people are told of it."""
        registry = self.installation.registry
        version_id, text = self._text(self.new)
        for _ in range(_ROUNDS):
            old, new = registry.get(self.old), registry.get(self.new)
            if old is None:
                return
            carried = replace(
                old.observing(Credential.parse(text)),
                name=self.new,
                version_id=version_id,
                alert=None,
                answer=None,
                # Both speak of the versions of the old secret.
                intent=None,
                versions_spent_until=None,
                revision=new.revision if new else 0,
            )
            try:
                registry.save(carried.paused())
            except StaleObservationError:
                continue  # A tick has seen the new one at this moment.
            return
        raise self._overtaken(self.new)

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
                continue  # Somebody has written one of the two meanwhile.
        raise self._overtaken(self.old)

    def _bring(self, text: str) -> None:
        """Bring into the copy what the old one says; a sign-in under the new name is newer, and stays."""
        if not self._is_open:
            return
        version_id, copied = self._text(self.new)
        if copied != text and Credential.parse(copied).newest_at <= Credential.parse(text).newest_at:
            SecretEdit(self.installation).swap(self.new, version_id, text)

    def _pointer(self, credential: Credential) -> str:
        """Return the document of a pointer: what consumers read for as long as the access token lives."""
        members: dict[str, str] = {MOVED_TO_KEY: self.installation.secret_id(self.new)}
        if credential.access_token is not None and credential.expires_at is not None:
            members |= {
                "access_token": credential.access_token.reveal(),
                "token_type": credential.token_type,
                "expires_at": to_rfc3339(credential.expires_at),
            }
        return JsonMembers({}).replace(members).dump()

    def _take_in_what_came_late(self) -> None:
        """Bring in the tokens of a sign-in that were stored over the version that was copied, and never current."""
        old = WholeSecret.find(self.installation, self.old)
        copied, pending = (old.labels.get("AWSPREVIOUS"), old.labels.get("AWSPENDING")) if old else (None, None)
        if old is None or copied is None or pending != successor(old.arn, copied):
            return
        self._bring(self.installation.store.read(self.old, pending))

    # --- 6. ----------------------------------------------------------------------------------------------------

    def _finish(self) -> bool:
        edit = RegistryEdit(self.installation)
        old = WholeSecret.find(self.installation, self.old)
        state = Credentials(self.installation).state(self.new)
        if old is not None and RENAMING_TAG in old.tags:
            edit.show(state, edit.change(state, lambda entry: entry.resumed(self._now)))
        self._untag(self.new, COPY_OF_TAG)
        forget(self.installation, self.old)
        self._untag(self.old, RENAMING_TAG)
        return not is_paused(state, self.installation.registry.get(self.new))

    def _overtaken(self, name: str) -> CommandError:
        return CommandError(f"{name} is written by others again and again.", "Find out by what, and try again.")

    def _tag(self, name: str, tags: dict[str, str]) -> None:
        self.installation.secrets.tag_resource(
            SecretId=self.installation.secret_id(name),
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )

    def _untag(self, name: str, key: str) -> None:
        self.installation.secrets.untag_resource(SecretId=self.installation.secret_id(name), TagKeys=[key])


def _is_pointer(text: str) -> bool:
    """Tell whether a document is that of a pointer: what has a client id is a credential, whatever else it has."""
    values = JsonMembers.parse(text).values()
    return MOVED_TO_KEY in values and "client_id" not in values
