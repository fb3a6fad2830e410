"""Reads the configuration of another tool: which tool it is from, and the values of a credential in it."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from token_refresher.credential.scopes import SANDBOX_DEFAULT_SCOPE
from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.values.fields import FIELDS
from token_refresher_cli.values.foreign_kinds import CONTAINERS, KINDS, KNOWN, Kind, KindName, plain
from token_refresher_cli.values.foreign_sections import Section, chosen, sections
from token_refresher_cli.values.foreign_value import UNDECIDED, Value
from token_refresher_cli.values.placeholders import fault_of_value, is_nothing

_OF_AN_APP: Final = frozenset({"clientid", "oauthclientid", "clientsecret", "oauthclientsecret", "developertoken"})
_FORMATS: Final = ", ".join(KindName)
_WHICH: Final = f"Give its --format ({_FORMATS}), or give the values with options."


@dataclass(frozen=True)
class Configuration:
    """The values of a credential in a configuration.

    Attributes:
        kind: The kind of the configuration.
        values: The values by the keys of the document, not checked yet.
        account_ids: All its accounts.
        taken: Its keys that were read.
        ignored: Its other keys.
        faults: Errors by the keys of the document: a placeholder instead of a value, or two different values.
    """

    kind: Kind
    values: Mapping[str, str] = field(repr=False)
    account_ids: tuple[str, ...]
    taken: tuple[str, ...]
    ignored: tuple[str, ...]
    faults: Mapping[str, CommandError] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, text: str, kind_name: KindName | None = None) -> Self:
        """Read the text of a configuration of one credential, as `of` does."""
        return cls.of(chosen(sections(text), None, "token-refresher add NAME --from FILE"), kind_name)

    @classmethod
    def of(cls, section: Section, kind_name: KindName | None = None) -> Self:
        """Read a section of a configuration.

        Args:
            section: The section.
            kind_name: The kind of the configuration; ``None`` recognises it by its keys.

        Raises:
            CommandError: The kind is unknown, or it could be one of several.
        """
        kind = _kind(section.entries, kind_name)
        found: dict[str, str] = {}
        faults: dict[str, CommandError] = {}
        taken: list[str] = []
        for key, theirs in kind.keys.items():
            named = [(name, value) for name, value in _named(section.entries, theirs) if not _is_nothing(value)]
            taken += [name for name, _ in named]
            fault = _fault_of(key, named)
            if fault:
                faults[key] = fault
            elif named:
                found[key] = _text(named[0][1])
        for name, value in _named(section.entries, (kind.environment,)) if kind.environment else []:
            taken.append(name)
            if str(value.content).lower() == "sandbox":
                found["scope"] = SANDBOX_DEFAULT_SCOPE
        accounts = tuple(account for account in re.split(r"[,;\s]+", found.pop("account_id", "")) if account)
        ignored = tuple(name for name in section.entries if name not in {*taken, *CONTAINERS, "value"})
        return cls(kind, found, accounts, tuple(taken), ignored, faults)

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys that a complete credential has and the configuration has not."""
        needed = ("client_id", "client_secret", "developer_token", "customer_id")
        missing = tuple(key for key in needed if key not in self.values)
        return missing if self.account_ids else (*missing, "account_id")

    def for_account(self, account_id: str | None, command: str, elsewhere: Collection[str] = ()) -> dict[str, str]:
        """Return the values of the credential for one account.

        Args:
            account_id: The chosen account, or ``None``.
            command: The command line to complete with the choice of an account.
            elsewhere: The keys whose values come from elsewhere, so that a fault here does not matter.

        Raises:
            CommandError: There are several accounts and none was chosen, the chosen one is not there, or a value has a
                fault.
        """
        for key, fault in self.faults.items():
            if key not in elsewhere:
                raise fault
        if account_id is None and len(self.account_ids) > 1:
            lines = "\n  ".join(f"{command} --account-id {account}" for account in self._shown)
            raise bad_input(
                f"The configuration has {len(self.account_ids)} accounts, and a credential has one.",
                f"Choose the one to check at sign-in:\n  {lines}\n  A token works for all accounts that the person who"
                " signs in can read, so one credential may serve several.",
            )
        if account_id is not None and self.account_ids and account_id not in self.account_ids:
            raise bad_input(
                "The configuration does not have this account id.", f"It has: {', '.join(self._shown) or 'no numbers'}."
            )
        chosen = account_id or next(iter(self.account_ids), None)
        return {**self.values, **({"account_id": chosen} if chosen else {})}

    @property
    def _shown(self) -> list[str]:
        """The account ids that are numbers: another text may be a secret in the wrong place."""
        return [account for account in self.account_ids if account.isascii() and account.isdigit()]


def _kind(entries: Mapping[str, Value], name: KindName | None) -> Kind:
    if name is not None:
        return next(kind for kind in KINDS if kind.name is name)
    if not _known(entries):
        raise bad_input("The configuration has no key of a known tool.", _WHICH)
    if _is_token_response(entries):
        return next(kind for kind in KINDS if kind.name is KindName.TOKEN_ANSWER)
    scores = {kind.name: len(kind.marks.intersection(entries)) for kind in KINDS}
    best = max(scores.values())
    kinds = [kind for kind in KINDS if scores[kind.name] == best]
    if best and len(kinds) > 1:
        raise _doubtful(kinds)
    if best:
        return kinds[0]
    # Only keys that several tools have: Airbyte and Singer spell them as this project does, the others as the SDK.
    return next(
        kind for kind in KINDS if kind.name is (KindName.CREDENTIAL if _ours(entries) else KindName.BINGADS_SDK)
    )


def _is_token_response(entries: Mapping[str, Value]) -> bool:
    """Tell whether it is a response of the token endpoint: tokens without their app (RFC 6749, section 5)."""
    names = {name for name, value in entries.items() if value.content is not None}
    if "error" in names and {"error_description", "error_codes", "correlation_id"} & names:
        raise bad_input(
            "The configuration is an error response of the token endpoint, without tokens.",
            "Give a successful response, or leave out --from and sign in with the connect link.",
        )
    if names.isdisjoint({"token_type", "access_token"}) or any(plain(name) in _OF_AN_APP for name in names):
        return False
    if "refresh_token" not in names:
        raise bad_input(
            "The configuration is a response of the token endpoint without a refresh token: its request did not ask for"
            " offline_access.",
            "Leave out --from, and sign in with the connect link.",
        )
    return True


def _doubtful(kinds: list[Kind]) -> CommandError:
    return bad_input(f"The configuration may be of {' or of '.join(kind.title for kind in kinds)}.", _WHICH)


def _ours(entries: Mapping[str, Value]) -> bool:
    return not FIELDS.keys().isdisjoint(entries)


def _known(names: Iterable[str]) -> bool:
    return any(plain(name) in KNOWN for name in names)


def _named(entries: Mapping[str, Value], theirs: tuple[str, ...]) -> list[tuple[str, Value]]:
    """Return the entries with one of these names, in the order of the names, whatever their spelling."""
    return [(name, value) for one in theirs for name, value in entries.items() if plain(name) == plain(one)]


def _is_nothing(value: Value) -> bool:
    return value.content is None or (isinstance(value.content, str) and is_nothing(value.content))


def _text(value: Value) -> str:
    content = value.content
    return ",".join(str(one) for one in content) if isinstance(content, list) else str(content).strip()


def _fault_of(key: str, named: Sequence[tuple[str, Value]]) -> CommandError | None:
    """Return why a key has no usable value; ``None`` if it has one, or no entry."""
    for name, value in named[:1]:
        fault = _fault(value)
        if fault:
            return bad_input(
                f"The {key.replace('_', ' ')} {fault}: see {name} in line {value.line} of the configuration.",
                f"Write the value there, or give it with {FIELDS[key].option}, the environment or --stdin.",
            )
    texts = {name: _text(value) for name, value in named if not _fault(value)}
    if key == "refresh_token" and len(set(texts.values())) > 1:
        return bad_input(
            f"The configuration has two refresh tokens, {' and '.join(texts)}, and one of them may be rejected.",
            "Give the one that works with --refresh-token, or add --without-refresh-token and sign in again.",
        )
    first = named[0][1] if named else None
    for name, value in named[1:]:
        # A value in a container counts before one beside it, and the names of a tool have an order.
        if first and plain(name) == plain(named[0][0]) and value.depth == first.depth and _text(value) != _text(first):
            return bad_input(
                f"The configuration has {name} in line {first.line} and in line {value.line}: {UNDECIDED}.",
                f"Remove one of them, or give the value with {FIELDS[key].option}.",
            )
    return None


def _fault(value: Value) -> str:
    content = value.content
    parts = content if isinstance(content, list) else [content]
    if any(isinstance(part, bool) or not isinstance(part, str | int) for part in parts):
        return "is not a text; it may only refer to where the secret is kept"
    return next((fault for part in parts if (fault := fault_of_value(str(part)))), "")
