"""A refresh as another process does it: its store has clients of its own, and its protocol is that of the functions."""

from datetime import datetime, timedelta
from functools import partial

from tests.cli.desk import NOW, Desk
from tests.fakes.memory_escrow import MemoryEscrow
from token_refresher.aws.secrets_manager import SecretsManagerStore
from token_refresher.base.deadline import Deadline
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.grant import Grant
from token_refresher.rotation.rotation import Rotation
from token_refresher.rotation.token_family import TokenFamily
from token_refresher.rotation.unfinished import Unfinished

LIFETIME = timedelta(hours=1)


def store_of_another_process(desk: Desk) -> SecretsManagerStore:
    """Return the secrets through a client of its own."""
    return SecretsManagerStore(desk.installation.session.client("secretsmanager"), desk.installation.prefix)


def grant(number: int, at: datetime = NOW) -> Grant:
    """Return what Microsoft answers to the refresh with a number."""
    return Grant(
        access_token=Sensitive(f"planted-access-token-{number}"),
        token_type="Bearer",
        expires_at=at + LIFETIME,
        scope="",
        refresh_token=Sensitive(f"planted-refresh-token-{number}"),
        issued_at=at,
    )


def rotate(desk: Desk, name: str, number: int, store: SecretsManagerStore | None = None) -> None:
    """Refresh a credential: what is current is exchanged, and what came back is made current."""
    store = store or store_of_another_process(desk)
    rotation = Rotation(store, MemoryEscrow(), Deadline(lambda: timedelta(minutes=1), sleep=lambda _: None))
    state, version = rotation.current(name)
    lineage = TokenFamily.of_refresh(version.credential.fingerprint)
    rotation.place(grant(number, NOW + timedelta(minutes=number)), lineage, state, version, Unfinished(NOW))


def rotating(desk: Desk, name: str, number: int) -> partial[None]:
    """Return a refresh that is yet to happen."""
    return partial(rotate, desk, name, number)
