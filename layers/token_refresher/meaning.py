"""What is known of failures: the meanings, and the codes, errors and phrases that have them (``diagnoses/``)."""

import tomllib
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any


class Actor(StrEnum):
    """Who has to act for the failure to end."""

    NOBODY = "nobody"
    USER = "user"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"

    @property
    def is_somebody(self) -> bool:
        """Whether a person has to act."""
        return self is not Actor.NOBODY


class Concern(StrEnum):
    """What has the trouble, and so how often somebody is to be told."""

    CREDENTIAL = "credential"
    APPLICATION = "application"
    """Every credential with the same ``client_id`` has it."""


@dataclass(frozen=True)
class Meaning:
    """What a failure can mean; one meaning belongs to many codes.

    Attributes:
        name: What policy compares.
        actor: Who has to act.
        certain: Whether one such answer is enough, or must be confirmed before anybody is told.
        cause: Why it happened, in plain words.
        action: What to do, in plain words.
        what_happened: The cause as somebody sees it who stands on one of our pages; empty where it is the cause.
        next_step: What they do then; empty where it is the action.
        concerns: What has the trouble.
        outage: Whether the provider is down for everybody.
        pause: The least time to leave the credential alone.
    """

    name: str
    actor: Actor
    certain: bool
    cause: str
    action: str
    what_happened: str = ""
    next_step: str = ""
    concerns: Concern = Concern.CREDENTIAL
    outage: bool = False
    pause: timedelta = timedelta(0)


@dataclass(frozen=True)
class Phrase:
    """Words of a description that tell what its code does not.

    Attributes:
        words: Any of them, in lower case.
        codes: The codes that they refine.
        codeless: Whether they count where there is no code.
        meaning: What they mean.
    """

    words: tuple[str, ...]
    codes: frozenset[int]
    codeless: bool
    meaning: Meaning


@cache
def meanings() -> dict[str, Meaning]:
    """Return the meanings by their names."""
    return {name: _meaning(name, row) for name, row in rows("meanings").items()}


@cache
def aadsts_codes() -> dict[int, Meaning]:
    """Return what the AADSTS numbers mean."""
    return {int(code): _specialised(row) for code, row in rows("aadsts")["codes"].items()}


@cache
def disputed_codes() -> frozenset[int]:
    """Return the AADSTS numbers whose sources disagree, so that the suberror and the error go before them."""
    return frozenset(int(code) for code, row in rows("aadsts")["codes"].items() if not row.get("decides", True))


@cache
def oauth_errors() -> dict[str, Meaning]:
    """Return what the values of ``error`` mean."""
    return {error: _specialised(row) for error, row in rows("oauth")["errors"].items()}


@cache
def suberrors() -> dict[str, Meaning]:
    """Return what the values of ``suberror`` mean."""
    return {suberror: _specialised(row) for suberror, row in rows("oauth")["suberrors"].items()}


@cache
def ads_codes() -> dict[int, Meaning]:
    """Return what the codes of the Microsoft Advertising API mean."""
    return {int(code): _specialised(row) for code, row in rows("ads_api")["codes"].items()}


@cache
def phrases() -> dict[str, Phrase]:
    """Return the phrases by their names, the most precise first."""
    return {
        name: Phrase(tuple(row["phrases"]), frozenset(row["codes"]), row["codeless"], _specialised(row))
        for name, row in rows("phrases")["phrases"].items()
    }


def hint(description: str, code: int | None) -> str:
    """Return the name of the phrase that a description has, or nothing; all else of the text is forgotten.

    Microsoft asks to react to codes and never to texts, which change and may quote what was sent. So a text is looked
    at only where there is nothing else to go by: a code that stands for ten situations, or no code.

    Args:
        description: The text of an error answer.
        code: The code that it comes with.
    """
    # Some paths send a typographic apostrophe, some a line break for a space.
    text = " ".join(description.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").lower().split())
    for name, phrase in phrases().items():
        counts = phrase.codeless if code is None else code in phrase.codes
        if counts and any(words in text for words in phrase.words):
            return name
    return ""


@cache
def rows(name: str) -> dict[str, Any]:
    """Return a data file as it stands."""
    return tomllib.loads(resources.files("token_refresher").joinpath("diagnoses", f"{name}.toml").read_text("utf-8"))


def _meaning(name: str, row: dict[str, Any]) -> Meaning:
    return Meaning(
        name,
        Actor(row["actor"]),
        certain=row["certain"],
        cause=row["cause"],
        action=row["action"],
        what_happened=row.get("what_happened", ""),
        next_step=row.get("next_step", ""),
        concerns=Concern(row.get("concerns", Concern.CREDENTIAL)),
        outage=row.get("outage", False),
        pause=timedelta(seconds=row.get("pause_seconds", 0)),
    )


def _specialised(row: dict[str, Any]) -> Meaning:
    """Return the meaning of a code, in the code's own words where it has some."""
    general = meanings()[row["meaning"]]
    return replace(
        general,
        cause=row.get("cause", general.cause),
        action=row.get("action", general.action),
        pause=timedelta(seconds=row["pause_seconds"]) if "pause_seconds" in row else general.pause,
    )
