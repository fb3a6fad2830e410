"""Finds credentials under other names that have the account or the refresh token of a new one."""

from collections.abc import Iterator
from dataclasses import dataclass

from token_refresher.base.errors import CredentialNotFoundError, MalformedCredentialError, VersionNotFoundError
from token_refresher.credential.document import Credential
from token_refresher_cli.changes.new_credential import NewCredential
from token_refresher_cli.installation.installation import Installation


@dataclass(frozen=True)
class Duplicates:
    """Names of credentials that have something in common with a new one.

    Attributes:
        same_account: Those for the same app and account.
        same_grant: Those whose current refresh token is the one to import.
        spent_by: Those that have already replaced it: presenting it again may revoke their grant.
    """

    same_account: tuple[str, ...] = ()
    same_grant: tuple[str, ...] = ()
    spent_by: tuple[str, ...] = ()


def duplicates_of(new: NewCredential, installation: Installation) -> Duplicates:
    """Return the duplicates of a new credential among the credentials of its app.

    The registry is enough for most of them; the secret is read if the registry does not know the account.

    Raises:
        ServiceUnavailableError: AWS does not answer.
    """
    credential = new.credential
    if not credential.account_id and not credential.fingerprint:
        return Duplicates()
    account, grant, spent = [], [], []
    for name in _of_the_same_app(credential.client_id, installation):
        entry = installation.registry.get(name)
        lineage = entry.lineage if entry else ()
        known = entry.account.account_id if entry and entry.account else ""
        other = _current(name, installation) if not known or (credential.fingerprint and not lineage) else None
        if other is not None and other.client_id != credential.client_id:
            continue
        if credential.account_id and credential.account_id == (other.account_id if other else known):
            account.append(name)
        if credential.fingerprint and credential.fingerprint in lineage[:-1]:
            spent.append(name)
        elif credential.fingerprint and credential.fingerprint in {*lineage[-1:], other.fingerprint if other else ""}:
            grant.append(name)
    return Duplicates(tuple(account), tuple(grant), tuple(spent))


def _of_the_same_app(client_id: str, installation: Installation) -> Iterator[str]:
    """Yield the names of the credentials of an app, and of new ones that no tick has seen, which may be of it."""
    registry = installation.registry
    known = {overview.name for overview in registry.overview()}
    unknown = {state.name for state in installation.store.managed()} - known
    yield from sorted(unknown.union(registry.of_application(client_id)))


def _current(name: str, installation: Installation) -> Credential | None:
    """Read a credential; ``None`` if it is gone or malformed, which `doctor` reports."""
    store = installation.store
    try:
        return Credential.parse(store.read(name, store.describe(name).require_current()))
    except (CredentialNotFoundError, MalformedCredentialError, VersionNotFoundError):
        return None
