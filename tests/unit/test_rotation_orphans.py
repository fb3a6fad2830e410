from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.rotations import Placing, a_grant, a_rival
from tests.fakes.world import NAME, World
from token_refresher.intent import Intent
from token_refresher.rotation import Version
from token_refresher.secret_store import SecretState


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


class Orphaned:
    """A refresh that died between its writes, and an edit after it."""

    def __init__(self, world: World, **edit: Any) -> None:
        before = Placing(world)
        self.predecessor = before.base.version_id
        assert before.base.credential.refresh_token is not None
        self.presented = before.base.credential.refresh_token.fingerprint
        a_rival(world, a_grant("stored"), promoted=False)()
        world.edit(**edit)
        self.begun_at = world.clock() - timedelta(minutes=1)
        self.rotation = before.rotation
        self.state, self.base = before.rotation.current(NAME)

    def adopt(self, state: SecretState | None = None) -> Version | None:
        intent = Intent(self.predecessor, self.presented, self.begun_at)
        return self.rotation.adopt_orphan(state or self.state, self.base, intent)


def test_an_orphan_is_carried_over_to_the_edit(world: World) -> None:
    Orphaned(world, note="of the operator").adopt()
    assert world.current_refresh_token() == "stored"


def test_the_edit_keeps_its_keys_when_an_orphan_is_carried_over(world: World) -> None:
    Orphaned(world, note="of the operator").adopt()
    assert '"note": "of the operator"' in world.store.current_text(NAME)


def test_an_orphan_is_not_carried_over_to_an_import(world: World) -> None:
    assert Orphaned(world, refresh_token="imported").adopt() is None


def test_without_a_pending_version_there_is_no_orphan(world: World) -> None:
    orphaned = Orphaned(world, note="of the operator")
    assert orphaned.adopt(replace(orphaned.state, pending=None)) is None


def test_a_pending_version_from_before_the_exchange_is_none_of_its_orphans(world: World) -> None:
    orphaned = Orphaned(world, note="of the operator")
    orphaned.begun_at = world.clock() + timedelta(minutes=1)
    assert orphaned.adopt() is None
