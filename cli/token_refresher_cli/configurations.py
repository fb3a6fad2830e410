"""Reads the configuration of another tool: which tool's it is, and what it says of a credential."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from token_refresher.credential import SANDBOX_SCOPE
from token_refresher_cli.configuration_kinds import CONTAINERS, KINDS, Kind, KindName
from token_refresher_cli.errors import CommandError, bad_input
from token_refresher_cli.fields import FIELDS

_LINE = re.compile(r"""\s*(?:export\s+)?(?P<key>[A-Za-z_][A-Za-z0-9_.]*)\s*[:=]\s*(?P<value>"[^"]*"|'[^']*'|\S+)""")
"""One value a line, as in .env files, INI, flat YAML, and the constants of a Python module."""

_OF_A_MODULE: Final = ("import ", "from ", "def ")
_MARKS: Final = frozenset(mark for kind in KINDS for mark in kind.marks)

_FORMATS: Final = ", ".join(KindName)
_WHICH: Final = f"Say which it is with --format ({_FORMATS}), or give the values with options."


@dataclass(frozen=True)
class Configuration:
    """What a configuration says of a credential.

    Attributes:
        kind: Whose configuration it is.
        values: By the keys of the secret. Nothing is checked yet.
        account_ids: All accounts that it is for.
        taken: The keys there that were read.
        ignored: The keys there that say nothing of a credential.
    """

    kind: Kind
    values: Mapping[str, str] = field(repr=False)
    account_ids: tuple[str, ...]
    taken: tuple[str, ...]
    ignored: tuple[str, ...]

    @classmethod
    def parse(cls, text: str, kind_name: KindName | None = None) -> Self:
        """Read the text of a configuration.

        Args:
            text: JSON, lines of keys and values, or a refresh token alone.
            kind_name: Whose configuration it is; recognised by its keys where it is not said.

        Raises:
            CommandError: It is none that is known, or could be of several tools.
        """
        entries = _entries(text)
        kind = _kind(entries, kind_name)
        return cls._of(kind, entries)

    @classmethod
    def _of(cls, kind: Kind, entries: Mapping[str, Any]) -> Self:
        found: dict[str, str] = {}
        taken: list[str] = []
        for key, theirs in kind.keys.items():
            named = _named(entries, theirs)
            texts = {name: text for name, value in named if (text := _text(name, value))}
            if key == "refresh_token" and len(set(texts.values())) > 1:
                raise bad_input(
                    f"The configuration has two refresh tokens, {' and '.join(texts)}, and one of them may be dead.",
                    "Give the one that works with --refresh-token, or say --without-refresh-token and sign in anew.",
                )
            if texts:
                taken += texts
                found[key] = next(iter(texts.values()))
        environment = _named(entries, (kind.environment,)) if kind.environment else []
        for name, value in environment:
            taken.append(name)
            if str(value).lower() == "sandbox":
                found["scope"] = f"{SANDBOX_SCOPE} offline_access"
        accounts = tuple(account for account in re.split(r"[,;\s]+", found.pop("account_id", "")) if account)
        ignored = tuple(name for name in entries if name not in {*taken, *CONTAINERS, "value"})
        return cls(kind, found, accounts, tuple(taken), ignored)

    @property
    def missing(self) -> tuple[str, ...]:
        """What a credential needs for all that is done with it, and the configuration does not say."""
        needed = ("client_id", "client_secret", "developer_token", "customer_id")
        missing = tuple(key for key in needed if key not in self.values)
        return missing if self.account_ids else (*missing, "account_id")

    def for_account(self, account_id: str | None, command: str) -> dict[str, str]:
        """Return the values of the credential for one account.

        Args:
            account_id: The one that was chosen, or ``None``.
            command: The command line that one can choose with.

        Raises:
            CommandError: There are several, and none was chosen, or another one.
        """
        if account_id is None and len(self.account_ids) > 1:
            lines = "\n  ".join(f"{command} --account-id {account}" for account in self._shown)
            raise bad_input(
                f"The configuration is for {len(self.account_ids)} accounts, and a credential is for one.",
                f"Choose the one that is to be checked when somebody signs in:\n  {lines}\n  A token reaches all"
                " accounts that the person who signed in may read, so one credential may serve several.",
            )
        if account_id is not None and self.account_ids and account_id not in self.account_ids:
            raise bad_input(
                "The account id is none of the configuration's.", f"It has: {', '.join(self._shown) or 'no numbers'}."
            )
        chosen = account_id or next(iter(self.account_ids), None)
        return {**self.values, **({"account_id": chosen} if chosen else {})}

    @property
    def _shown(self) -> list[str]:
        """The account ids that are numbers: what else stands there may be a secret in the wrong place."""
        return [account for account in self.account_ids if account.isascii() and account.isdigit()]


def _entries(text: str) -> dict[str, Any]:
    """Return the values of a configuration by their names, without what they are wrapped in."""
    if text.lstrip().startswith(("{", "[")):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            raise bad_input("The configuration is no valid JSON.", "Export it again, and leave it as it is.") from None
        if not isinstance(document, dict):
            raise bad_input("The configuration is a list, and must be one JSON object.", "Take one out of the list.")
        entries: dict[str, Any] = {}
        for name, value in _flat(document):
            entries.setdefault(name, value)
        return entries
    lines = [line for line in text.splitlines() if line.strip()]
    if any(line.startswith(_OF_A_MODULE) for line in lines):
        lines = [line for line in lines if not line[0].isspace()]  # Its constants, and not what its functions do.
    entries = {match["key"]: match["value"].strip("\"'") for line in lines if (match := _LINE.match(line))}
    # What stands before an equals sign may be the beginning of a token: names that nobody knows are not kept.
    entries = {name: value for name, value in entries.items() if _known([name]) or name in _MARKS}
    if not entries and len(lines) == 1 and len(lines[0].split()) == 1:
        return {"RefreshToken": lines[0].strip()}
    return entries


def _flat(document: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield the members of an object, and before them those of the containers in it: the inner ones count."""
    containers = {name: value for name, value in document.items() if name in CONTAINERS and isinstance(value, dict)}
    for name, value in containers.items():
        if depth < len(CONTAINERS):
            yield from _flat(value, depth + 1)
        yield name, None
    for name, value in document.items():
        if name not in containers:
            yield name, value["value"] if isinstance(value, dict) and "value" in value else value


def _kind(entries: Mapping[str, Any], name: KindName | None) -> Kind:
    if name is not None:
        return next(kind for kind in KINDS if kind.name is name)
    if not _known(entries):
        raise bad_input("The configuration has none of the keys of a tool that is known here.", _WHICH)
    scores = {kind.name: len(kind.marks.intersection(entries)) for kind in KINDS}
    best = max(scores.values())
    kinds = [kind for kind in KINDS if scores[kind.name] == best]
    if best and len(kinds) > 1:
        raise _doubtful(kinds)
    if best:
        return kinds[0]
    # Nothing but what they all have: Airbyte and Singer say it as this project does, the others as the SDK.
    return next(
        kind for kind in KINDS if kind.name is (KindName.CREDENTIAL if _ours(entries) else KindName.BINGADS_SDK)
    )


def _doubtful(kinds: list[Kind]) -> CommandError:
    return bad_input(f"The configuration may be of {' or of '.join(kind.title for kind in kinds)}.", _WHICH)


def _ours(entries: Mapping[str, Any]) -> bool:
    return not FIELDS.keys().isdisjoint(entries)


def _known(names: Iterable[str]) -> bool:
    return any(_plain(name) in _KNOWN for name in names)


def _named(entries: Mapping[str, Any], theirs: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Return the entries with one of these names, the first that counts first; how they are spelled does not matter."""
    return [(name, value) for one in theirs for name, value in entries.items() if _plain(name) == _plain(one)]


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


_KNOWN: Final = frozenset(_plain(one) for kind in KINDS for theirs in kind.keys.values() for one in theirs)


def _text(name: str, value: Any) -> str:
    """Return a value as a text; empty where there is none."""
    if value is None or value == "":
        return ""
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ",".join(str(one) for one in value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise bad_input(
            f"The value of {name} in the configuration is no text; it may only refer to where the secret is kept.",
            "Give the value itself with an option, the environment or --stdin.",
        )
    return str(value)
