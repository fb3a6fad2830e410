"""The catalogue of failures (``data/``): the meanings, and the codes, errors and phrases that have each meaning."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final, Self

from token_refresher.base.words import Words

_TEXTS: Final = ("cause", "action", "what_happened", "next_step", "if_it_lasts")


class Actor(StrEnum):
    """Who has to act for the failure to end."""

    NOBODY = "nobody"
    USER = "user"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"

    @property
    def must_act(self) -> bool:
        """Whether a person has to act."""
        return self is not Actor.NOBODY


class Concern(StrEnum):
    """What is affected by a failure. It decides how many credentials share one notification."""

    CREDENTIAL = "credential"
    APPLICATION = "application"
    """Every credential with the same ``client_id``."""

    AWS = "aws"
    """A service of AWS, on which every credential depends."""


@dataclass(frozen=True)
class Meaning:
    """One meaning of a failure. Many codes can have the same meaning.

    Attributes:
        name: The name that policy compares.
        actor: Who has to act.
        certain: Whether one such answer is enough, or must be confirmed before anybody is notified.
        cause: Why it happened, in plain words.
        action: What to do, in plain words.
        what_happened: The cause for a person who reads it on a page, or empty if the cause fits.
        next_step: The action for a person who reads it on a page, or empty if the action fits.
        if_it_lasts: The action if the failure does not pass by itself, or empty if there is none.
        elsewhere: The texts that are others for a provider other than Microsoft.
        concerns: What is affected.
        outage: Whether the provider is down for everybody.
        pause: The shortest pause before the next attempt.
    """

    name: str
    actor: Actor
    certain: bool
    cause: str
    action: str
    what_happened: str = ""
    next_step: str = ""
    if_it_lasts: str = ""
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    concerns: Concern = Concern.CREDENTIAL
    outage: bool = False
    pause: timedelta = timedelta(0)

    def saying(self, texts: Mapping[str, str], elsewhere: Mapping[str, str] | None = None) -> Self:
        """Return the meaning with a more precise cause or action, which is right for every provider.

        Args:
            texts: The texts by name; an empty one changes nothing.
            elsewhere: The texts that are others for a provider other than Microsoft.
        """
        said: dict[str, Any] = {name: text for name in ("cause", "action") if (text := texts.get(name, ""))}
        kept = {name: text for name, text in self.elsewhere.items() if name not in said}
        return replace(self, **said, elsewhere={**kept, **(elsewhere or {})})

    def of(self, words: Words) -> Self:
        """Return the meaning with its texts for a provider, and with the provider's words in them."""
        own = {} if words.is_microsoft else self.elsewhere
        texts: dict[str, Any] = {name: words.said(own.get(name, getattr(self, name))) for name in _TEXTS}
        return replace(self, **texts)


@dataclass(frozen=True)
class OwnMeaning:
    """The meaning of an error code of one provider, with texts of its own or none."""

    meaning: str
    cause: str = ""
    action: str = ""


@dataclass(frozen=True)
class Phrase:
    """Words in an error description that are more precise than its code.

    Attributes:
        words: The possible wordings, in lower case.
        codes: The codes that the phrase refines.
        codeless: Whether the phrase counts if there is no code.
        meaning: The meaning of the phrase.
    """

    words: tuple[str, ...]
    codes: frozenset[int]
    codeless: bool
    meaning: Meaning


@cache
def meanings() -> dict[str, Meaning]:
    """Return the meanings by name."""
    return {name: _meaning(name, row) for name, row in rows("meanings").items()}


@cache
def aadsts_codes() -> dict[int, Meaning]:
    """Return the meanings of the AADSTS numbers."""
    return {int(code): _specialised(row) for code, row in rows("aadsts")["codes"].items()}


@cache
def disputed_codes() -> frozenset[int]:
    """Return the AADSTS numbers whose sources disagree. The suberror and the error take precedence over them."""
    return frozenset(int(code) for code, row in rows("aadsts")["codes"].items() if not row.get("decides", True))


@cache
def oauth_errors() -> dict[str, Meaning]:
    """Return the meanings of the values of ``error``."""
    return {error: _specialised(row) for error, row in rows("oauth")["errors"].items()}


@cache
def suberrors() -> dict[str, Meaning]:
    """Return the meanings of the values of ``suberror``."""
    return {suberror: _specialised(row) for suberror, row in rows("oauth")["suberrors"].items()}


@cache
def ads_codes() -> dict[int, Meaning]:
    """Return the meanings of the codes of the Microsoft Advertising API."""
    return {int(code): _specialised(row) for code, row in rows("ads_api")["codes"].items()}


@cache
def phrases() -> dict[str, Phrase]:
    """Return the phrases by name, the most precise ones first."""
    return {
        name: Phrase(tuple(row["phrases"]), frozenset(row["codes"]), row["codeless"], _specialised(row))
        for name, row in rows("phrases")["phrases"].items()
    }


def hint(description: str, code: int | None) -> str:
    """Return the name of the known phrase in a description, or empty. Nothing else of the text is kept.

    Microsoft asks clients to react to codes, not to texts, which change and may quote the request. So the text counts
    only if there is no code, or a code that stands for many situations.

    Args:
        description: The description in an error answer.
        code: The code in the same answer.
    """
    # Some descriptions have a typographic apostrophe, and some a line break instead of a space.
    text = " ".join(description.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").lower().split())
    for name, phrase in phrases().items():
        counts = phrase.codeless if code is None else code in phrase.codes
        if counts and any(words in text for words in phrase.words):
            return name
    return ""


@cache
def rows(name: str) -> dict[str, Any]:
    """Return the parsed content of a data file."""
    import tomllib  # noqa: PLC0415 - Only a failure has a diagnosis; an ordinary refresh loads no parser.

    return tomllib.loads(
        resources.files("token_refresher.diagnosis").joinpath("data", f"{name}.toml").read_text("utf-8")
    )


def _meaning(name: str, row: dict[str, Any]) -> Meaning:
    return Meaning(
        name,
        Actor(row["actor"]),
        certain=row["certain"],
        cause=row["cause"],
        action=row["action"],
        what_happened=row.get("what_happened", ""),
        next_step=row.get("next_step", ""),
        if_it_lasts=row.get("if_it_lasts", ""),
        elsewhere=row.get("elsewhere", {}),
        concerns=Concern(row.get("concerns", Concern.CREDENTIAL)),
        outage=row.get("outage", False),
        pause=timedelta(seconds=row.get("pause_seconds", 0)),
    )


def _specialised(row: dict[str, Any]) -> Meaning:
    """Return the meaning of a row, with the row's own cause, action and pause if it has them."""
    general = meanings()[row["meaning"]]
    pause = timedelta(seconds=row["pause_seconds"]) if "pause_seconds" in row else general.pause
    return replace(general.saying(row, row.get("elsewhere")), pause=pause)
