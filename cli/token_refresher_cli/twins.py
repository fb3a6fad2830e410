"""Whether a new credential is there under another name already: the same account, or the same grant."""

from collections.abc import Iterator
from dataclasses import dataclass

from botocore.exceptions import ClientError

from token_refresher.aws_errors import unavailable
from token_refresher.credential import Credential
from token_refresher.errors import CredentialNotFoundError, MalformedCredentialError, VersionNotFoundError
from token_refresher_cli.installation import Installation
from token_refresher_cli.new_credential import NewCredential


@dataclass(frozen=True)
class Twins:
    """The credentials that have something in common with a new one.

    Attributes:
        same_account: Those for the same app and account.
        same_grant: Those that hold the very refresh token that is to be imported.
        spent_by: Those that have used it up: to present it again may end their grant.
    """

    same_account: tuple[str, ...] = ()
    same_grant: tuple[str, ...] = ()
    spent_by: tuple[str, ...] = ()


def twins_of(new: NewCredential, installation: Installation) -> Twins:
    """Look for the twins of a new credential among those of its app.

    What the registry remembers is enough for most; the secret is read where it does not know the account.

    Raises:
        ServiceUnavailableError: A service of AWS does not say what there is.
    """
    credential = new.credential
    if not credential.account_id and not credential.fingerprint:
        return Twins()
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
    return Twins(tuple(account), tuple(grant), tuple(spent))


def _of_the_same_app(client_id: str, installation: Installation) -> Iterator[str]:
    """Yield the names of credentials that are, or may be, of an app: no tick has seen the newest ones yet."""
    registry = installation.registry
    known = {overview.name for overview in registry.overview()}
    try:
        unknown = {state.name for state in installation.store.managed()} - known
    except ClientError as error:
        raise unavailable("secretsmanager", error) from error
    yield from sorted(unknown.union(registry.of_application(client_id)))


def _current(name: str, installation: Installation) -> Credential | None:
    """Read a credential; one that is gone or malformed is nobody's twin, and `doctor` tells of it."""
    store = installation.store
    try:
        return Credential.parse(store.read(name, store.describe(name).require_current()))
    except (CredentialNotFoundError, MalformedCredentialError, VersionNotFoundError):
        return None
