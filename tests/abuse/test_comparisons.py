"""No secret is compared letter by letter: only digests are, or `hmac.compare_digest` does it."""

import ast
import re
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest

from local.toolchain import ROOT
from tests.abuse.visitor import visitor

SECRETS: Final = {"state", "cookie", "nonce", "code", "verifier", "invite", "key", "signature", "token", "text"}
MODULES: Final = [
    ROOT / "layers" / "token_refresher" / f"{name}.py"
    for name in (
        "web",
        "consent",
        "consent_cookies",
        "consents",
        "dynamodb_consents",
        "id_token",
        "connect_link",
        "sensitive",
        "account_check",
    )
]


def careless(source: str) -> list[str]:
    """Return the comparisons of secrets that end at the first letter that differs."""
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


@pytest.mark.parametrize("module", ["sensitive", "id_token"])
def test_where_two_secrets_meet_they_are_compared_in_constant_time(module: str) -> None:
    assert "hmac.compare_digest(" in (ROOT / "layers" / "token_refresher" / f"{module}.py").read_text("utf-8")


def test_the_table_is_asked_for_digests_and_sees_no_state_and_no_cookie() -> None:
    """Whoever measures how long a look-up takes learns of a digest, which they cannot choose letter by letter."""
    guest = visitor()
    consents = guest.front.world.consents
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
