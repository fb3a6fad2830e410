"""Secrets are compared in constant time: by `hmac.compare_digest`, or only their digests are compared."""

import ast
import re
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest

from local.stack.toolchain import ROOT
from tests.abuse.visitor import visitor

SECRETS: Final = {"state", "cookie", "nonce", "code", "verifier", "invite", "key", "signature", "token", "text"}
MODULES: Final = [
    ROOT / "layers" / "token_refresher" / f"{name}.py"
    for name in (
        "entrypoints/web/routes",
        "consent/service",
        "consent/code_exchange",
        "entrypoints/web/cookies",
        "consent/pending",
        "aws/consents_table",
        "providers/id_token",
        "invites/links",
        "base/sensitive",
        "consent/grant_check",
    )
]


def careless(source: str) -> list[str]:
    """Return the comparisons of secrets that end at the first different character."""
    compared = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Compare)]
    by_letter = [node for node in compared if any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)]
    return [ast.unparse(node) for node in by_letter if any(map(_is_secret, (node.left, *node.comparators)))]


def _is_secret(node: ast.expr) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lstrip("_") in SECRETS
        case ast.Call(func=ast.Attribute(attr="reveal" | "_bytes")):
            return True
    return False


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_a_module_that_handles_secrets_compares_none_letter_by_letter(module: Path) -> None:
    assert careless(module.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "if state == expected: pass",
        "found = item.cookie != cookie",
        "claims.get('nonce') == nonce",
        "one.reveal() == other.reveal()",
        "self._bytes() == other._bytes()",
    ],
)
def test_such_a_comparison_would_be_found(source: str) -> None:
    assert len(careless(source)) == 1


@pytest.mark.parametrize("module", ["base/sensitive", "providers/id_token"])
def test_where_two_secrets_meet_they_are_compared_in_constant_time(module: str) -> None:
    assert "hmac.compare_digest(" in (ROOT / "layers" / "token_refresher" / f"{module}.py").read_text("utf-8")


def test_the_table_is_queried_by_digests_and_sees_no_state_and_no_cookie() -> None:
    """The time of a look-up tells an attacker only about a digest, which they cannot choose character by character."""
    guest = visitor()
    consents = guest.gateway.world.consents
    asked: list[str] = []
    take, result = consents.take, consents.result
    consents.take = lambda *arguments: asked.extend(arguments[:2]) or take(*arguments)  # type: ignore[func-returns-value,method-assign] # A spy.
    consents.result = lambda *arguments: asked.extend(arguments[:2]) or result(*arguments)  # type: ignore[func-returns-value,method-assign] # A spy.
    state = parse_qs(urlsplit(guest.start().location).query)["state"][0]
    (started,) = consents.started.values()
    guest.come_back(state=state, code="planted-code")
    guest.come_back(state=state, code="planted-code")
    guest.come_back(state="planted-state")
    assert len(asked) == 10
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in asked)
    assert not {state, *guest.cookies.values()} & {*asked, started.state_digest, started.cookie_digest}
