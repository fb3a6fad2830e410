"""Reads an entry of the catalogue, and says which key, in which line of which file, is wrong."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from token_refresher.base.words import Words
from token_refresher.diagnosis.catalogue import OwnMeaning, meanings
from token_refresher.providers.catalogue.entry import (
    AuthMethod,
    AuthorizationFacts,
    Dialect,
    IdentityFacts,
    ProviderEntry,
    RefreshTokenFacts,
    Reuse,
    ScopeFacts,
    Source,
    TokenFacts,
    TokenRotation,
)

_LONGEST_WORDS: Final = 200
_ADDRESS = re.compile(r"https?://[^\s?#@]+")
_PAGE = re.compile(r"https://\S+")
_MEMBER = re.compile(r"[A-Za-z_]{1,64}")
_LINE = re.compile(r"line ([0-9]+)")
_HEADER = re.compile(r"\s*\[([^\[\]]+)\]")

ADVERTISING: Final = "microsoft-advertising"
"""The one account API: Microsoft Advertising's."""


@dataclass(eq=False)
class InvalidEntryError(Exception):
    """An entry of the catalogue cannot be used.

    Attributes:
        file: The file, or the parameter, that the entry is in.
        line: The line, from 1; 0 if it is not known.
        key: The key with its tables, such as ``token.token_endpoint``; empty if the text is no TOML.
        problem: What is wrong, as the rest of a sentence that starts with the key.
    """

    file: str
    line: int
    key: str
    problem: str

    def __str__(self) -> str:
        """Return one sentence with the file, the line and the key."""
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.key} {self.problem}" if self.key else f"{where}: {self.problem}"


def read_entry(name: str, text: str, file: str) -> ProviderEntry:
    """Read the TOML text of an entry.

    Args:
        name: The name of the provider.
        text: The text.
        file: The file or the parameter that it was read from, for errors.

    Raises:
        InvalidEntryError: The text is no entry.
    """
    import tomllib  # noqa: PLC0415 - A refresh at Microsoft's reads no entry, and loads no parser.

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        problem = f"is not TOML ({str(error).partition(' (at ')[0].lower()})"
        raise InvalidEntryError(file, int(found[1]) if found else 0, "", f"the entry {problem}") from None
    try:
        return _entry(name, _Table("", document))
    except _WrongKeyError as wrong:
        raise InvalidEntryError(file, line_of(text, wrong.key), wrong.key, wrong.problem) from None


def _entry(name: str, top: "_Table") -> ProviderEntry:
    title = top.words("title") or top.missing("title")
    sources = {key: _source(top.table("sources").table(key)) for key in top.table("sources").keys()}  # noqa: SIM118 - A table is no mapping.
    if not sources:
        top.missing("sources")
    known = frozenset(sources)
    authorization, token = top.facts("authorization", known), top.facts("token", known)
    scope, access, life = (top.facts(key, known) for key in ("scope", "access_token", "refresh_token"))
    who, check, errors = top.facts("identity", known), top.facts("access_check", known), top.table("errors")
    entry = ProviderEntry(
        name,
        Words(
            title,
            top.words("product") or f"{title} data",
            top.words("sign_in_service") or f"{title}'s sign-in service",
        ),
        AuthorizationFacts(
            authorization_endpoint=authorization.address("authorization_endpoint"),
            code_challenge_method=authorization.one_of("code_challenge_method", ("S256", ""), "S256"),
            code_lifetime=authorization.seconds("code_lifetime_seconds"),
            parameters=authorization.texts("parameters"),
            login_hint=authorization.flag("login_hint"),
        ),
        TokenFacts(
            token_endpoint=token.address("token_endpoint"),
            auth_methods=tuple(
                map(AuthMethod, token.list_of("token_endpoint_auth_methods_supported", tuple(AuthMethod)))
            )
            or TokenFacts().auth_methods,
            error_member=token.matching("error_member", _MEMBER) or TokenFacts().error_member,
        ),
        dialect=Dialect(top.one_of("dialect", tuple(Dialect), Dialect.OAUTH2)),
        has_advertising_accounts=top.one_of("account_api", (ADVERTISING,)) == ADVERTISING,
        account_api_headers=top.texts("account_api_headers"),
        scope=ScopeFacts(
            default=scope.text("default"),
            separator=scope.one_of("separator", (" ", ",", "+"), " "),
            refresh_token=scope.text("refresh_token"),
            identity=scope.text("identity"),
            sent_at_refresh=scope.flag("sent_at_refresh"),
        ),
        access_token_lifetime=access.seconds("lifetime_seconds"),
        refresh_token=_refresh_token(life),
        identity=_identity(who) if who.is_there else None,
        access_check_url=check.address("url"),
        errors={code: _error(errors.facts(code, known)) for code in errors.keys()},  # noqa: SIM118 - A table is no mapping.
        sources=sources,
    )
    for table in (top, authorization, token, scope, access, life, who, check):
        table.nothing_else()
    return entry


def _refresh_token(life: "_Table") -> RefreshTokenFacts:
    rotation, reuse = life.one_of("rotation", tuple(TokenRotation)), life.one_of("reuse", tuple(Reuse))
    return RefreshTokenFacts(
        rotation=TokenRotation(rotation) if rotation else None,
        reuse=Reuse(reuse) if reuse else None,
        grace=life.seconds("grace_seconds"),
        lifetime=life.seconds("lifetime_seconds"),
        is_extended=life.flag("is_extended"),
        lifetime_member=life.matching("lifetime_member", _MEMBER),
        idle=life.seconds("idle_seconds"),
        limit=life.words("limit"),
    )


def _identity(who: "_Table") -> IdentityFacts:
    member = who.one_of("member", ("id_token", "answer")) or who.missing("member")
    subject = who.list_of("subject", None)
    if not subject:
        who.missing("subject")
    return IdentityFacts(member == "id_token", subject, who.text("username"))


def _error(row: "_Table") -> OwnMeaning:
    facts = OwnMeaning(
        row.one_of("meaning", tuple(meanings())) or row.missing("meaning"), row.text("cause"), row.text("action")
    )
    row.nothing_else()
    return facts


def _source(row: "_Table") -> Source:
    looked_at = row.take("looked_at", date)
    source = Source(row.page("url") or row.missing("url"), str(looked_at or row.missing("looked_at")))
    row.nothing_else()
    return source


class _WrongKeyError(Exception):
    def __init__(self, key: str, problem: str) -> None:
        super().__init__(key)
        self.key = key
        self.problem = problem


class _Table:
    """The keys of one table; each error names the key with its tables."""

    def __init__(self, path: str, values: Mapping[str, Any], *, is_there: bool = True) -> None:
        self._path = path
        self._values = dict(values)
        self._read: set[str] = set()
        self.is_there = is_there

    def keys(self) -> tuple[str, ...]:
        return tuple(self._values)

    def has(self, key: str) -> bool:
        return key in self._values

    def table(self, key: str) -> "_Table":
        values = self.take(key, dict)
        return _Table(self._name(key), values or {}, is_there=values is not None)

    def facts(self, key: str, sources: frozenset[str]) -> "_Table":
        """Return a table of facts, which must name the sources that they were read in."""
        table = self.table(key)
        if table.is_there:
            named = table.list_of("source", None)
            if not named:
                table.missing("source")
            table.check("source", set(named) <= sources, "names a source that sources does not have")
        return table

    def take(self, key: str, kind: type) -> Any:
        self._read.add(key)
        value = self._values.get(key)
        self.check(key, value is None or type(value) is kind, f"must be {_KINDS[kind]}")
        return value

    def text(self, key: str) -> str:
        return self.take(key, str) or ""

    def words(self, key: str) -> str:
        text = self.text(key)
        is_short = key not in self._values or 0 < len(text) <= _LONGEST_WORDS
        self.check(key, is_short, f"must have 1 to {_LONGEST_WORDS} characters")
        return text

    def flag(self, key: str) -> bool:
        return bool(self.take(key, bool))

    def seconds(self, key: str) -> timedelta | None:
        number = self.take(key, int)
        self.check(key, number is None or number > 0, "must be a number of seconds greater than 0")
        return None if number is None else timedelta(seconds=number)

    def matching(self, key: str, pattern: re.Pattern[str]) -> str:
        text = self.text(key)
        self.check(key, not text or bool(pattern.fullmatch(text)), "must be a name of letters and underscores")
        return text

    def address(self, key: str) -> str:
        text = self.text(key)
        is_address = key not in self._values or bool(_ADDRESS.fullmatch(text))
        self.check(key, is_address, "must be an address such as https://example.com/token, without a query")
        return text

    def page(self, key: str) -> str:
        text = self.text(key)
        is_page = key not in self._values or bool(_PAGE.fullmatch(text))
        self.check(key, is_page, "must begin with https://, and have no space")
        return text

    def one_of(self, key: str, allowed: tuple[str, ...], default: str = "") -> str:
        if not self.has(key):
            self._read.add(key)
            return default
        text = self.text(key)
        self.check(key, text in allowed, f"must be one of {', '.join(repr(str(one)) for one in allowed)}")
        return text

    def list_of(self, key: str, allowed: tuple[str, ...] | None) -> tuple[str, ...]:
        values = self.take(key, list)
        is_list = values is None or (bool(values) and all(isinstance(one, str) for one in values))
        self.check(key, is_list, "must be a list of texts with at least one of them")
        found = tuple(values or ())
        is_allowed = allowed is None or (set(found) <= set(allowed) and len(set(found)) == len(found))
        self.check(key, is_allowed, f"must have each at most once, of {', '.join(map(str, allowed or ()))}")
        return found

    def texts(self, key: str) -> dict[str, str]:
        values = self.take(key, dict) or {}
        self.check(key, all(isinstance(one, str) for one in values.values()), "must have texts as values")
        return dict(values)

    def check(self, key: str, is_right: bool, problem: str) -> None:
        if not is_right:
            raise _WrongKeyError(self._name(key), problem)

    def missing(self, key: str) -> Any:
        raise _WrongKeyError(self._name(key), "is missing")

    def nothing_else(self) -> None:
        for key in self._values:
            self.check(key, key in self._read, "is no key of an entry; see docs/provider.schema.json")

    def _name(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key


_KINDS: Final[dict[type, str]] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    list: "a list",
    dict: "a table",
    date: "a date such as 2026-01-31",
}


def line_of(text: str, key: str) -> int:
    """Return the line of a key, the line of its table if the table has no such key, or 0."""
    table, _, last = key.rpartition(".")
    assignment, at, found = re.compile(rf"\s*[\"']?{re.escape(last)}[\"']?\s*="), "", 0
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            at = header[1].replace('"', "")
            if at == key:
                return number
            found = number if at == table else found
        elif at == table and assignment.match(line):
            return number
    return found
