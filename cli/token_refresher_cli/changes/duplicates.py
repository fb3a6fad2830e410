"""Finds credentials under other names that have the account or the refresh token of a new one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from token_refresher.credential.document import Credential
from token_refresher.registry.entry import RegistryEntry
from token_refresher_cli.changes.new_credential import NewCredential
from token_refresher_cli.installation.documents import Documents
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
    entries = {entry.name: entry for entry in installation.registry.entries()}
    names = _of_the_same_app(credential.client_id, installation, entries)
    unclear = {name for name in names if not _is_known(entries.get(name), credential)}
    account, grant, spent = [], [], []
    for name, other in chain(((name, None) for name in names - unclear), _read(unclear, installation)):
        entry = entries.get(name)
        lineage = entry.lineage if entry else ()
        if other is not None and other.client_id != credential.client_id:
            continue
        if credential.account_id and credential.account_id == (other.account_id if other else _account_id(entry)):
            account.append(name)
        if credential.fingerprint and credential.fingerprint in lineage[:-1]:
            spent.append(name)
        elif credential.fingerprint and credential.fingerprint in {*lineage[-1:], other.fingerprint if other else ""}:
            grant.append(name)
    return Duplicates(*(tuple(sorted(found)) for found in (account, grant, spent)))


def _of_the_same_app(client_id: str, installation: Installation, entries: Mapping[str, RegistryEntry]) -> set[str]:
    """Return the names of the credentials of an app, and of new ones that no tick has seen, which may be of it."""
    unseen = {state.name for state in installation.store.managed()} - set(entries)
    return unseen.union(installation.registry.of_application(client_id))


def _is_known(entry: RegistryEntry | None, credential: Credential) -> bool:
    """Tell whether the registry is enough to compare a credential with a new one."""
    return bool(_account_id(entry)) and (not credential.fingerprint or (entry is not None and bool(entry.lineage)))


def _account_id(entry: RegistryEntry | None) -> str:
    return entry.account.account_id if entry and entry.account else ""


def _read(names: Iterable[str], installation: Installation) -> Iterator[tuple[str, Credential | None]]:
    """Yield credentials by their names; ``None`` for one that is gone or malformed, which `doctor` reports."""
    for name, current in Documents(installation.secrets).named(names):
        if current is not None and current.refusal is not None:
            raise current.refusal
        yield name, current.credential if current else None
