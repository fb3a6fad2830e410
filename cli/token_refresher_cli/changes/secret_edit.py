"""Edits the document of a credential, and never overwrites what a rotation or a consent writes at the same time.

The edit is stored as a version under its own staging label, and promoted by the compare-and-swap of the rotations. If
another writer was faster, the change is made again on top of what it wrote.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from token_refresher.base.errors import MalformedCredentialError, PromotionRefusedError, VersionNotFoundError
from token_refresher.credential.document import Credential
from token_refresher.credential.document_text import read_members
from token_refresher_cli.changes.new_credential import LONGEST_BYTES
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.secret import Secrets
from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.shell.exit_code import ExitCode

EDIT_LABEL: Final = "TOKEN_REFRESHER_EDIT"
"""The staging label of an edit. A rotation promotes the version under ``AWSPENDING``, so an edit does not use that."""

_ROUNDS: Final = 5
"""A credential is written every three quarters of an hour, so one retry is almost always enough."""

Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Takes the keys and values of a document, and returns those to change; ``None`` removes a key."""


@dataclass(frozen=True)
class Edited:
    """The result of an edit.

    Attributes:
        changed: The changed keys and their values, ``None`` for a removed one; empty if nothing had to change.
        credential: The document after the edit, or ``None`` if it is still malformed.
        problem: What was wrong with the document before and still is.
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

    @property
    def secrets(self) -> Secrets:
        """The secrets of the installation."""
        return self.installation.secrets

    def plan(self, name: str, change: Change) -> Edited:
        """Return what `apply` would do and write nothing; raise what `apply` raises."""
        credentials = Credentials(self.installation)
        return _planned(name, credentials.text(credentials.state(name)), change).edited

    def apply(self, name: str, change: Change) -> Edited:
        """Change a document.

        Args:
            name: The credential's name.
            change: What to change. It is called again each time that another writer was faster.

        Raises:
            CommandError: There is no such credential; its secret is not a JSON object; the edit would make its document
                malformed; or other writers were faster each time.
            MalformedCredentialError: The secret has no value.
        """
        credentials = Credentials(self.installation)
        written: Mapping[str, Any] = {}
        for _ in range(_ROUNDS):
            state = credentials.state(name)
            plan = _planned(name, credentials.text(state), change)
            if not plan.edited.changed:
                # Nothing is left to change if a rotation was faster, but had read our version: it wrote the edit too.
                return Edited(written, plan.edited.credential, plan.edited.problem)
            try:
                self.swap(name, state.require_current(), plan.text)
            except (PromotionRefusedError, VersionNotFoundError):
                written = plan.edited.changed
                continue
            return plan.edited
        raise CommandError(
            f"The secret of {name} was written by others {_ROUNDS} times before this command could write it. Nothing"
            " was lost.",
            "Find out what writes it so often, and try again.",
        )

    def swap(self, name: str, replacing: str, text: str) -> str:
        """Make a text current if a given version still is.

        Returns:
            The id of its version.

        Raises:
            PromotionRefusedError: Another version is current by now.
            CredentialNotFoundError: The secret is gone.
            ServiceUnavailableError: Secrets Manager did not do it, or its answer was lost.
        """
        # Random: two edits of one version must be two versions, of which one is refused.
        version_id = str(uuid.uuid4())
        # If the process dies, one version keeps the label until the next edit of this secret moves it.
        with self.secrets.staged(name, version_id, text, EDIT_LABEL):
            try:
                self.installation.store.promote(name, version_id, replacing)
            except PromotionRefusedError:
                # If an answer is lost, boto3 repeats the call, and the first call has moved the label already.
                if self.current_version(name) != version_id:
                    raise
        return version_id

    def current_version(self, name: str) -> str | None:
        """Return the version under ``AWSCURRENT``, also of a pointer."""
        secret = self.secrets.find(name)
        return secret.current if secret else None


def _planned(name: str, text: str, change: Change) -> _Plan:
    _, problem_before = _parsed(text)
    try:
        members = read_members(text)
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
        raise bad_input(f"Nothing was written: the secret would be longer than {LONGEST_BYTES} bytes.", "Shorten it.")
    after, problem = _parsed(changed)
    if problem is not None and (problem_before is None or _root(problem) in changes):
        raise bad_input(f"Nothing was written, because {problem}.", "Give another value.")
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
