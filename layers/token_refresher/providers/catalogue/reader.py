"""Reads an entry of the catalogue, and says which key, in which line of which file, is wrong."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

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
from token_refresher.providers.catalogue.table import Table, WrongKeyError, line_of

_MEMBER = re.compile(r"[A-Za-z_]{1,64}")
_LINE = re.compile(r"line ([0-9]+)")

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
    import tomllib  # noqa: PLC0415 - The functions read their first entry after they have started.

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        problem = f"is not TOML ({str(error).partition(' (at ')[0].lower()})"
        raise InvalidEntryError(file, int(found[1]) if found else 0, "", f"the entry {problem}") from None
    try:
        return _entry(name, Table("", document))
    except WrongKeyError as wrong:
        raise InvalidEntryError(file, line_of(text, wrong.key), wrong.key, wrong.problem) from None


def _entry(name: str, top: "Table") -> ProviderEntry:
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


def _refresh_token(life: "Table") -> RefreshTokenFacts:
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


def _identity(who: "Table") -> IdentityFacts:
    member = who.one_of("member", ("id_token", "answer")) or who.missing("member")
    subject = who.list_of("subject", None)
    if not subject:
        who.missing("subject")
    return IdentityFacts(member == "id_token", subject, who.text("username"))


def _error(row: "Table") -> OwnMeaning:
    facts = OwnMeaning(
        row.one_of("meaning", tuple(meanings())) or row.missing("meaning"), row.text("cause"), row.text("action")
    )
    row.nothing_else()
    return facts


def _source(row: "Table") -> Source:
    looked_at = row.take("looked_at", date)
    source = Source(row.page("url") or row.missing("url"), str(looked_at or row.missing("looked_at")))
    row.nothing_else()
    return source
