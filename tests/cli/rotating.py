"""A refresh as another process does it: its store has clients of its own, and its protocol is that of the functions."""

from datetime import datetime, timedelta
from functools import partial

from tests.cli.desk import NOW, Desk
from tests.fakes.memory_escrow import MemoryEscrow
from token_refresher.grant import Grant
from token_refresher.lineage import Lineage
from token_refresher.patience import Patience
from token_refresher.rotation import Rotation
from token_refresher.secrets_manager import SecretsManagerStore
from token_refresher.sensitive import Sensitive

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
    rotation = Rotation(store, MemoryEscrow(), Patience(lambda: timedelta(minutes=1), sleep=lambda _: None))
    state, version = rotation.current(name)
    lineage = Lineage.of_refresh(version.credential.fingerprint)
    rotation.place(grant(number, NOW + timedelta(minutes=number)), lineage, state, version)


def rotating(desk: Desk, name: str, number: int) -> partial[None]:
    """Return a refresh that is yet to happen."""
    return partial(rotate, desk, name, number)
