"""``token-refresher add`` shows no value that may be a secret, however wrong it is and wherever it stands."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.desk import CLIENT_ID, Desk
from token_refresher_cli.values.fields import ACCOUNT_URL, FIELDS

MARK = "planted"
KEYS = (*FIELDS, ACCOUNT_URL)
_FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

NOISE = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
SHAPED = st.sampled_from(
    [
        f"https://ui.ads.microsoft.com/?aid={MARK}&cid={MARK}",
        f"https://{MARK}.example.com/{MARK}",
        f"eyJhbGciOiJSUzI1NiJ9.{MARK}.{MARK}",
        f"M.C519_BAY.2.U.{MARK}",
        f"{MARK}.txt",
        f"{MARK}=={MARK}",
        f"code={MARK}",
        f"{MARK} offline_access",
        f'{{"note": "{MARK}"}}',
        f"client_id={MARK}\n{MARK}={MARK}",
    ]
)
VALUES = SHAPED | st.builds(lambda before, after: f"{before}{MARK}{after}", NOISE, NOISE)
JUNK = st.recursive(VALUES | st.none() | st.booleans(), lambda inner: st.lists(inner, max_size=3), max_leaves=4)


def _ran(desk: Desk, *arguments: str, stdin: str | None = None) -> None:
    result = desk.run("add", "acme", "--dry-run", *arguments, stdin=stdin)
    # A tenant, a scope and the ids are no secrets: what is stored of them may be shown.
    shown = [line for line in result.output.splitlines() if not line.strip().startswith(("tenant ", "scope "))]
    assert MARK not in "\n".join(shown)
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)


@_FEW
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, min_size=1))
def test_not_from_options(desk: Desk, values: dict[str, str]) -> None:
    whole = {"client_id": CLIENT_ID, "client_secret": f"{MARK}-secret", **values}
    _ran(desk, *(f"--{key.replace('_', '-')}={value}" for key, value in whole.items()))


@_FEW
@given(st.dictionaries(st.sampled_from(KEYS), JUNK, min_size=1))
def test_not_from_standard_input(desk: Desk, values: dict[str, Any]) -> None:
    _ran(desk, "--stdin", stdin=json.dumps({"client_id": CLIENT_ID, "client_secret": f"{MARK}-secret", **values}))


@_FEW
@given(VALUES)
def test_not_from_what_is_no_json(desk: Desk, text: str) -> None:
    _ran(desk, "--stdin", stdin=text)


@_FEW
@given(st.dictionaries(st.sampled_from([*KEYS, "ClientId", "account_ids", "AuthType", "tenant_id"]), JUNK, min_size=1))
def test_not_from_a_configuration(desk: Desk, values: dict[str, Any]) -> None:
    _ran(desk, "--from", "-", stdin=json.dumps({"client_secret": f"{MARK}-secret", **values}))


@_FEW
@given(st.lists(VALUES, max_size=3).map("\n".join))
def test_not_from_a_configuration_that_is_no_json(desk: Desk, text: str) -> None:
    _ran(desk, "--from", "-", stdin=text)
