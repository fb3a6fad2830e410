"""The secret of a credential is malformed, is written too often, or AWS refuses a call for it."""

from typing import Final

from tests.fakes.world import NAME, TIMING, World
from token_refresher.alerts.alert import Alert
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.rotation.version_budget import VERSIONS_AT_ONCE
from tools.alerts.play import CLIENT_ID, a_world, attempt, last, steps
from tools.alerts.situation import OPERATOR, Situation


def malformed() -> Alert:
    """An operator edits the secret, and leaves a key out."""
    world = a_world()
    world.edit(client_id=None)
    attempt(world)
    return last(world)


def unreadable() -> Alert:
    """A secret appears that is no JSON."""
    world = World()
    world.store.create(NAME, "client-id: to be filled in")
    world.dispatcher.tick()
    world.refresh()
    return last(world)


def too_many_versions() -> Alert:
    """Another process writes to the secret again and again."""
    world = a_world()
    for _ in range(2 * VERSIONS_AT_ONCE):
        world.edit(refreshed_at="2026-01-01T00:00:00Z", expires_at="2026-01-31T09:30:00Z")
        world.refresh()
        world.clock.advance(TIMING.lease)
    return last(world)


def right_missing() -> Alert:
    """A policy denies a secret to the functions."""
    world = a_world()
    error = ServiceUnavailableError("secretsmanager.GetSecretValue", "AccessDeniedException", passing=False)
    world.store.refuse(NAME, "read", error)
    for _ in steps():
        attempt(world)
        if world.topic.alerts:
            break
    return last(world)


def tags_refused() -> Alert:
    """A policy does not let the functions tag a secret."""
    world = World()
    world.manage(is_tagged=False, client_id=CLIENT_ID)
    error = ServiceUnavailableError("secretsmanager.TagResource", "AccessDeniedException", passing=False)
    world.store.refuse(NAME, "set_status_tags", error)
    for _ in range(2):
        attempt(world)
    return last(world)


SECRET: Final = (
    Situation(
        "malformed",
        "The secret lacks a key that is needed",
        f"{OPERATOR} Sent at the first attempt after the edit.",
        malformed,
    ),
    Situation(
        "malformed-from-the-start",
        "A new secret cannot be read",
        f"{OPERATOR} Sent when the secret is discovered.",
        unreadable,
    ),
    Situation(
        "too-many-versions",
        "The credential is refreshed too often",
        f"{OPERATOR} Sent when one more version of the secret would be one too many.",
        too_many_versions,
    ),
    Situation(
        "right-missing",
        "A policy denies a secret to the functions",
        f"{OPERATOR} Sent once for all that it stops, again an hour later if it stops more, and with each reminder."
        " Attempts go on.",
        right_missing,
    ),
    Situation(
        "tags-refused",
        "A policy does not let the functions tag a secret",
        f"{OPERATOR} Sent once for all, and with each reminder. Refreshes go on.",
        tags_refused,
    ),
)
