"""Writes a page in docs/providers for each entry of the catalogue, and the list of them in docs/providers.md.

``make reference`` runs it. The registration of an app is written by hand, in tools/docs/registration.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from local.stack.toolchain import ROOT
from token_refresher.base.text import span
from token_refresher.diagnosis.catalogue import OwnMeaning, meanings
from token_refresher.providers.catalogue.builtin import builtin, builtin_names, builtin_text
from token_refresher.providers.catalogue.entry import ProviderEntry
from token_refresher_cli.values.rules import Rules
from token_refresher_cli.views.provider_words import end, rotation

FOLDER: Final = ROOT / "docs" / "providers"
LIST: Final = ROOT / "docs" / "providers.md"
REGISTRATION: Final = Path(__file__).parent / "registration"

_BEGIN, _END = "<!-- the catalogue: written by make reference -->", "<!-- end -->"
_ABOUT_THE_KEYS: Final = re.compile(r"docs/provider\.schema\.json\s+explains\s+the\s+keys\.\s*")
_SECONDS: Final = "_seconds"

LABELS: Final[Mapping[str, str]] = {
    "authorization.authorization_endpoint": "Sign-in address",
    "authorization.code_challenge_method": "PKCE",
    "authorization.code_lifetime_seconds": "A code lives",
    "authorization.parameters": "Parameters of a sign-in",
    "authorization.login_hint": "Proposes the account of the last sign-in",
    "token.token_endpoint": "Token address",
    "token.token_endpoint_auth_methods_supported": "How an app proves who it is",
    "token.error_member": "Member of an answer with the error code",
    "scope.default": "Scope of a secret without one",
    "scope.separator": "Between two scopes",
    "scope.refresh_token": "Scope that brings a refresh token",
    "scope.identity": "Scopes that are added to say who signed in",
    "scope.sent_at_refresh": "A refresh repeats the scope",
    "access_token.lifetime_seconds": "An access token lives, if the answer does not say it",
    "refresh_token.rotation": "A refresh replaces the refresh token",
    "refresh_token.reuse": "A replaced refresh token that is sent again",
    "refresh_token.grace_seconds": "It still works for",
    "refresh_token.lifetime_seconds": "A refresh token ends after",
    "refresh_token.is_extended": "A refresh moves that end",
    "refresh_token.lifetime_member": "Member of an answer that says when it ends",
    "refresh_token.idle_seconds": "An unused refresh token ends after",
    "refresh_token.limit": "How many there may be",
    "identity.member": "Who signed in is said in",
    "identity.subject": "What identifies the person",
    "identity.username": "What people know the person by",
    "access_check.url": "Page that proves an access token",
}
"""The facts in the order of the tables of an entry, in words."""

_VALUES: Final[Mapping[str, str]] = {
    "authorization.code_challenge_method=": "refused: it is not sent",
    "refresh_token.reuse=nothing": "goes on working",
    "refresh_token.reuse=grace": "works for a while",
    "refresh_token.reuse=refused": "is refused",
    "refresh_token.reuse=revokes": "ends the whole sign-in",
    "identity.member=id_token": "the ID token",
    "identity.member=answer": "the answer of the token address",
    "scope.separator= ": "a space",
    "scope.separator=,": "a comma",
    "scope.separator=+": "a plus sign",
}


def pages() -> dict[Path, str]:
    """Return the text of every page, by its path."""
    found = {FOLDER / f"{name}.md": page(name) for name in builtin_names()}
    return {**found, LIST: _with_list(LIST.read_text("utf-8"))}


def page(name: str) -> str:
    """Return the page of an entry."""
    return "\n".join(_lines(name)).rstrip() + "\n"


def example(name: str) -> dict[str, str]:
    """Return a document with the keys that a provider needs; its values stand for real ones."""
    rules = _rules(builtin(name))
    document = {"provider": name, "client_id": _CLIENT_ID if rules.has_guid else "the-client-id"}
    if rules.takes_client_secret:
        document["client_secret"] = "the-client-secret"
    if rules.needs_addresses:
        document["authorization_endpoint"] = "https://id.example.com/authorize"
        document["token_endpoint"] = "https://id.example.com/token"
    if rules.needs_scope:
        document["scope"] = " ".join(["THE_SCOPES", *builtin(name).scope.refresh_token.split()])
    if rules.has_accounts:
        document |= {"developer_token": "the-developer-token", "account_id": "123456789"}
    return document


def facts(name: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield the key, the value in words and the sources of each fact of an entry."""
    for table, rows in tomllib.loads(builtin_text(name)).items():
        if isinstance(rows, dict) and table not in {"sources", "errors", "account_api_headers"}:
            for key, value in rows.items():
                if key != "source":
                    yield f"{table}.{key}", _value(f"{table}.{key}", value), tuple(rows["source"])


_CLIENT_ID: Final = "0f6c1f1e-5a2b-4a51-9c4e-2d1b7f1c9a10"


def _rules(entry: ProviderEntry) -> Rules:
    return Rules(entry, datetime(2026, 11, 29, tzinfo=UTC))


def _lines(name: str) -> Iterator[str]:
    entry = builtin(name)
    about, remarks = _comment(name)
    yield f"# {_title(entry)}"
    yield ""
    yield "Written by `make reference` from the entry of the catalogue. Do not edit it here."
    yield ""
    if about.removesuffix(".") != _title(entry):
        yield _linked(about, entry)
        yield ""
    yield from _how_to_add(name, entry)
    registration = REGISTRATION / f"{name}.md"
    if registration.exists():
        yield "## Register an app"
        yield ""
        yield registration.read_text("utf-8")
    yield "## The facts"
    yield ""
    yield "What is not known is absent, and [the default](../provider.schema.json) holds."
    yield ""
    rows = ((LABELS[key], value, _sources(sources)) for key, value, sources in facts(name))
    yield from _table(("fact", "value", "read in"), rows)
    if entry.errors:
        yield "## Errors with a meaning of their own"
        yield ""
        raw = tomllib.loads(builtin_text(name))["errors"]
        yield from _table(
            ("code", "what it is", "what helps", "read in"),
            ((f"`{code}`", *_meaning(own, entry), _sources(raw[code]["source"])) for code, own in entry.errors.items()),
        )
    if remarks:
        yield "## What the entry does not express"
        yield ""
        yield from (f"- {_linked(remark, entry)}" for remark in remarks)
        yield ""
    for key, source in entry.sources.items():
        yield f'[{key}]: {source.url} "looked at on {source.looked_at}"'


def _meaning(own: OwnMeaning, entry: ProviderEntry) -> tuple[str, str]:
    """Return the cause and the action of an error: those of the entry, or those of its meaning."""
    general = meanings()[own.meaning]
    return entry.words.said(own.cause or general.cause), entry.words.said(own.action or general.action)


def _title(entry: ProviderEntry) -> str:
    if entry.name == "oauth2":
        return "Any other provider"
    product = tomllib.loads(builtin_text(entry.name)).get("product")
    return _sentence(f"{product}, with the sign-in of {entry.words.provider}") if product else entry.words.provider


def _how_to_add(name: str, entry: ProviderEntry) -> Iterator[str]:
    rules = _rules(entry)
    yield "## Add a credential"
    yield ""
    yield "```sh"
    yield f"token-refresher add NAME --provider {name}"
    yield "```"
    yield ""
    yield "The command asks for these keys of the secret, and prints the redirect URI to register and the connect link:"
    yield ""
    yield from _table(("key", "meaning"), _keys(rules))
    yield "As a document for `--stdin`:"
    yield ""
    yield "```json"
    yield json.dumps(example(name), indent=2)
    yield "```"
    yield ""


def _keys(rules: Rules) -> Iterator[tuple[str, str]]:
    entry = rules.entry
    yield "`client_id`", "The id of the app."
    if rules.takes_client_secret:
        yield "`client_secret`", "Needed." if rules.needs_client_secret else "Or none, with `--public-client`."
        yield "`client_secret_expires_at`", "If it ends: you get a warning before."
    if rules.needs_addresses:
        yield "`authorization_endpoint`, `token_endpoint`", "Or the server that says them, with `--issuer`."
    needed = f" It must have `{entry.scope.refresh_token}`." if entry.scope.refresh_token else ""
    if rules.needs_scope:
        yield "`scope`", f"What pipelines may do, separated by spaces.{needed}"
    else:
        yield "`scope`", f"Only for another one than `{entry.scope.default}`.{needed}"
    if rules.takes("tenant"):
        yield "`tenant`", "Only for another one than `common`."
    if rules.has_accounts:
        yield "`developer_token`, `account_id`, `customer_id`", "To check that the right person signs in."


def _comment(name: str) -> tuple[str, list[str]]:
    """Return what the head of an entry says it is, and its remarks."""
    head = builtin_text(name).partition("\ntitle =")[0]
    lines = [line.removeprefix("#").strip() for line in head.splitlines() if line.startswith("#")]
    text = _ABOUT_THE_KEYS.sub("\n", "\n".join(lines))
    parts = re.split(r"\n\s*\n|\n?Not expressed: |(?<=\.)\n(?=[A-Z])", text)
    about, *remarks = [" ".join(part.split()) for part in parts if part.strip()]
    return about, [_sentence(remark) for remark in remarks]


def _sentence(text: str) -> str:
    """Return a text that begins with a capital letter, unless it begins with a name such as invalid_grant."""
    return text if "_" in text.partition(" ")[0] else f"{text[:1].upper()}{text[1:]}"


def _linked(text: str, entry: ProviderEntry) -> str:
    """Return a text with links in place of the keys of sources."""

    def of_group(group: re.Match[str]) -> str:
        return re.sub(r"\b[A-Z][A-Z0-9]+\b", lambda key: f"[{key[0]}]" if key[0] in entry.sources else key[0], group[0])

    with_sources = re.sub(r"\bsources? [^()]*", of_group, text)
    return re.sub(r"(?<![(<\[])https://[^\s,;)]*[^\s,;).]", lambda url: f"<{url[0]}>", with_sources)


def _value(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key.endswith(_SECONDS):
        return f"{span(timedelta(seconds=value))}"
    if isinstance(value, dict):
        return ", ".join(f"`{name}={one}`" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(f"`{one}`" for one in value)
    known = _VALUES.get(f"{key}={value}")
    is_prose = key in {"refresh_token.rotation", "refresh_token.limit"}
    return known or (str(value) if is_prose else f"`{value}`")


def _sources(keys: Iterable[str]) -> str:
    return ", ".join(f"[{key}]" for key in keys)


def _with_list(text: str) -> str:
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    rows = (
        (f"[`{name}`](providers/{name}.md)", builtin(name).words.product, rotation(builtin(name)), end(builtin(name)))
        for name in builtin_names()
    )
    table = "\n".join(_table(("name", "what pipelines read", "the refresh token", "it ends"), rows))
    return f"{before}{_BEGIN}\n\n{table}\n{_END}{after}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def write() -> None:
    """Write every page."""
    for path, text in pages().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    write()
