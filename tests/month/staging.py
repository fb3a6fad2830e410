"""Puts a script on the stage."""

from datetime import timedelta
from typing import Any

from tests.fakes.manual_clock import START
from tests.month.script import (
    BadPaste,
    Dead,
    Down,
    FirstConsent,
    Hitch,
    Moody,
    Note,
    Policy,
    Removed,
    Script,
    SecretEnds,
    Silent,
    Story,
    Unknown,
)
from tests.month.stage import Stage
from tests.month.weather import GOOD_SECRET, Application, Spell
from token_refresher.clock import to_rfc3339

NEXT_SECRET = "planted-next-client-secret"


def staged(script: Script) -> Stage:
    """Return a stage on which a script is going to happen."""
    stage = Stage(script.seed)
    for member in script.members:
        fields: dict[str, Any] = {}
        if member.secret_ends_at is not None:
            fields["client_secret_expires_at"] = to_rfc3339(member.secret_ends_at)
        if not member.rotates:
            stage.authority.never_rotated.add(member.name)
            fields["refresh_token_issued_at"] = to_rfc3339(START - member.refresh_token_age)
        stage.authority.applications.setdefault(member.client_id, Application())

        def create(
            name: str = member.name,
            client_id: str = member.client_id,
            consented: bool = member.consented,
            fields: dict[str, Any] = fields,
        ) -> None:
            stage.create(name, client_id, consented=consented, **fields)

        if member.since == START:
            create()
        else:
            stage.at(member.since, create)
    for story in script.stories:
        _stage(stage, script, story)
    return stage


def _stage(stage: Stage, script: Script, story: Story) -> None:  # noqa: C901, PLR0912 - One case for each kind of story.
    spells, world = stage.authority.spells, stage.world
    match story:
        case Down():
            spells.append(Spell(story.start, story.end, story.failure))
        case Silent():
            stage.at(story.start, lambda: setattr(world.topic, "out_of_order", True))
            stage.at(story.end, lambda: setattr(world.topic, "out_of_order", False))
        case Hitch() | Unknown():
            spells.append(Spell(story.start, story.end, story.failure, story.name))
        case Moody():
            spells.append(Spell(START, None, story.failure, story.name, story.probability))
        case Dead():
            if story.failure is None:
                stage.at(story.at, lambda: stage.revoke(story.name))
            else:
                spells.append(Spell(story.at, story.reconnected_at, story.failure, story.name))
            if story.reconnected_at is not None:
                stage.at(story.reconnected_at, lambda: stage.sign_in(story.name))
        case Policy():
            spells.append(Spell(story.at, story.lifted_at, story.failure, story.name))
        case SecretEnds():
            secrets = stage.authority.applications[story.client_id].secrets
            secrets[GOOD_SECRET] = story.at
            secrets[NEXT_SECRET] = story.next_end
            _replace(stage, script, story)
        case BadPaste():
            stage.at(story.at, lambda: world.edit(story.name, client_secret="planted-id-of-a-client-secret"))
            stage.at(story.corrected_at, lambda: world.edit(story.name, client_secret=GOOD_SECRET))
        case Note():
            stage.at(story.at, lambda: world.edit(story.name, note=to_rfc3339(story.at)))
        case Removed():
            stage.at(story.at, lambda: world.store.delete(story.name))
        case FirstConsent():
            stage.at(story.at, lambda: stage.sign_in(story.name))


def _replace(stage: Stage, script: Script, story: SecretEnds) -> None:
    removed = {other.name for other in script.stories if isinstance(other, Removed) and other.at <= story.replaced_at}
    left = [member.name for member in script.of_application(story.client_id) if member.name not in removed]
    step = story.replaced_within / max(len(left) - 1, 1)
    for number, name in enumerate(left):

        def replace(name: str = name) -> None:
            stage.world.edit(name, client_secret=NEXT_SECRET, client_secret_expires_at=to_rfc3339(story.next_end))

        stage.at(story.replaced_at + timedelta(seconds=int((number * step).total_seconds())), replace)
