"""Edits the document of a credential, and never overwrites what a rotation or a consent writes at the same time.

The edit is stored as a version under a label of its own, and becomes current by the same compare-and-swap that
rotations are promoted with. Where somebody else was faster, the change is made again on top of what they wrote.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from token_refresher.aws_errors import unavailable
from token_refresher.credential import Credential
from token_refresher.errors import MalformedCredentialError, PromotionRefusedError, VersionNotFoundError
from token_refresher.json_members import JsonMembers
from token_refresher_cli.credentials import Credentials
from token_refresher_cli.errors import CommandError, bad_input
from token_refresher_cli.exit_code import ExitCode
from token_refresher_cli.installation import Installation
from token_refresher_cli.new_credential import LONGEST_BYTES

EDIT_LABEL: Final = "TOKEN_REFRESHER_EDIT"
"""Where an edit waits to become current. ``AWSPENDING`` belongs to the rotations, which finish what they find there."""

_ROUNDS: Final = 5
"""A credential is written every three quarters of an hour: to be overtaken more than once is a storm."""

Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Returns the members to write anew, given those that are there; ``None`` removes one."""


@dataclass(frozen=True)
class Edited:
    """What became of an edit.

    Attributes:
        changed: The members that are other ones now, ``None`` for one that was removed; empty where all was so already.
        credential: The document as it is now, or ``None`` while it is still none.
        problem: What is wrong with the document, where it was wrong before and still is.
    """

    changed: Mapping[str, Any] = field(repr=False)
    credential: Credential | None
    problem: MalformedCredentialError | None = None


@dataclass(frozen=True)
class _Plan:
    text: str
    edited: Edited


@dataclass(frozen=True)
class SecretEdit:
    """Edits the documents of an installation."""

    installation: Installation

    def plan(self, name: str, change: Change) -> Edited:
        """Return what `apply` would do now, and write nothing; raises as that does."""
        credentials = Credentials(self.installation)
        return _planned(name, credentials.text(credentials.state(name)), change).edited

    def apply(self, name: str, change: Change) -> Edited:
        """Change a document.

        Args:
            name: The credential's name.
            change: What to change. It is asked again where somebody else was faster.

        Raises:
            CommandError: There is no such credential; its secret is no JSON object; it would be no credential document
                any more; or others were faster again and again.
            MalformedCredentialError: The secret has no value.
        """
        credentials = Credentials(self.installation)
        written: Mapping[str, Any] = {}
        for _ in range(_ROUNDS):
            state = credentials.state(name)
            plan = _planned(name, credentials.text(state), change)
            if not plan.edited.changed:
                # Overtaken by a rotation that took our version for what is current, it is there all the same.
                return Edited(written, plan.edited.credential, plan.edited.problem)
            try:
                self.swap(name, state.require_current(), plan.text)
            except (PromotionRefusedError, VersionNotFoundError):
                written = plan.edited.changed
                continue
            return plan.edited
        raise CommandError(
            f"The secret of {name} was written by others {_ROUNDS} times while it was to be changed; nothing was lost.",
            "Look for what writes it so often, and try again.",
        )

    def swap(self, name: str, replacing: str, text: str) -> str:
        """Make a text current in place of one version, and of no other.

        Returns:
            The id of its version.

        Raises:
            PromotionRefusedError: Somebody else has written since; what they wrote is current.
            CredentialNotFoundError: The secret is gone.
            ServiceUnavailableError: Secrets Manager did not do it, or could not say so.
        """
        # Drawn: two edits from one version are two versions, of which one is refused.
        version_id = str(uuid.uuid4())
        with self._stored(name, version_id, text):
            try:
                self.installation.store.promote(name, version_id, replacing)
            except PromotionRefusedError:
                # A call whose answer was lost is repeated by the client, and meets itself.
                if self.current_version(name) != version_id:
                    raise
        return version_id

    def current_version(self, name: str) -> str | None:
        """Return the version under ``AWSCURRENT``, whatever the secret is."""
        answer = self.installation.secrets.describe_secret(SecretId=self.installation.secret_id(name))
        labelled = answer.get("VersionIdsToStages", {}).items()
        return next((version for version, labels in labelled if "AWSCURRENT" in labels), None)

    @contextmanager
    def _stored(self, name: str, version_id: str, text: str) -> Iterator[None]:
        """Store a version under our label, and take the label off again, so that the version can be dropped later.

        What a kill leaves is one version with the label; the next edit of the secret takes it from there.
        """
        secrets, secret_id = self.installation.secrets, self.installation.secret_id(name)
        try:
            secrets.put_secret_value(
                SecretId=secret_id, ClientRequestToken=version_id, SecretString=text, VersionStages=[EDIT_LABEL]
            )
        except ClientError as error:
            raise unavailable("secretsmanager", error) from error
        try:
            yield
        finally:
            # Refused where another edit has the label by now. It is no reason to call what was done undone.
            with suppress(ClientError, BotoCoreError):
                secrets.update_secret_version_stage(
                    SecretId=secret_id, VersionStage=EDIT_LABEL, RemoveFromVersionId=version_id
                )


def _planned(name: str, text: str, change: Change) -> _Plan:
    _, problem_before = _parsed(text)
    try:
        members = JsonMembers.parse(text)
    except ValueError:
        raise CommandError(
            f"The keys of {name} cannot be changed one by one: {problem_before}.",
            "Correct its text in Secrets Manager: docs/operations.md#a-secret-that-is-no-json",
            ExitCode.PERSON_NEEDED,
        ) from None
    values = members.values()
    changes = {key: value for key, value in change(values).items() if _differs(values, key, value)}
    changed = members.replace(changes).dump()
    if changes and len(changed.encode()) > LONGEST_BYTES:
        raise bad_input(f"Nothing was written: the secret would be longer than {LONGEST_BYTES} bytes.", "Say less.")
    after, problem = _parsed(changed)
    if problem is not None and (problem_before is None or _root(problem) in changes):
        raise bad_input(f"Nothing was written, for {problem}.", "Say another value.")
    return _Plan(changed, Edited(changes, after, problem))


def _differs(values: Mapping[str, Any], key: str, value: Any) -> bool:
    if value is None:
        return key in values
    return key not in values or json.dumps(values[key], sort_keys=True) != json.dumps(value, sort_keys=True)


def _parsed(text: str) -> tuple[Credential | None, MalformedCredentialError | None]:
    try:
        return Credential.parse(text), None
    except MalformedCredentialError as error:
        return None, error


def _root(problem: MalformedCredentialError) -> str | None:
    return problem.field.partition(".")[0] if problem.field else None
