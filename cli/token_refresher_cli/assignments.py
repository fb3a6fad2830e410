"""What an operator writes to change a document: ``key=value``, ``key:=json``, ``key=-``."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NoReturn

from token_refresher.credential import DEFAULT_SCOPE, SANDBOX_SCOPE
from token_refresher_cli import shapes
from token_refresher_cli.errors import CommandError, bad_input
from token_refresher_cli.inputs import read_standard_input
from token_refresher_cli.terminal import ask_hidden, is_interactive

OF_THE_REFRESHER: Final = {
    "access_token": "the next refresh writes it",
    "token_type": "it comes with the access token",
    "expires_at": "it is when the access token ends, which nobody can change",
    "granted_scope": "it is what Microsoft granted; what to ask for is scope",
    "refreshed_at": "it is when the access token was issued",
    "refresh_token_issued_at": "it is when the refresh token was issued",
    "identity": "it says who signed in; somebody else signs in with token-refresher link",
}
"""The keys that an operator does not write, and why."""

SECRETS: Final = ("client_secret", "previous_client_secret", "developer_token", "refresh_token")
"""The keys that the command line does not take: it is seen by others, and stays in the history of the shell."""

SHOWN: Final = (
    "client_id",
    "tenant",
    "scope",
    "customer_id",
    "account_id",
    "client_secret_expires_at",
    "invites_valid_from",
)
"""The keys whose values are no secrets. Nobody knows what is in a key that is not ours."""

_KEPT: Final = "refresh_token"

_SHAPES: Final[dict[str, Callable[[str], str]]] = {
    "client_id": shapes.client_id,
    "client_secret": shapes.client_secret,
    "previous_client_secret": shapes.client_secret,
    "tenant": shapes.tenant,
    "scope": shapes.scope,
    "account_id": shapes.account_id,
    "customer_id": shapes.customer_id,
    "refresh_token": shapes.refresh_token,
}


def assignments(written: Sequence[str], removed: Sequence[str]) -> dict[str, Any]:
    """Return the members to change, as the command line says them; ``None`` removes one.

    Args:
        written: Such as ``account_id=1234567``, ``limits:={"rows": 10}`` or ``client_secret=-``.
        removed: The keys to remove.

    Raises:
        CommandError: It cannot be meant.
    """
    changes: dict[str, Any] = {}
    for one in written:
        key, value = _split(one)
        if key in changes:
            raise bad_input(f"{key} is there twice.", "Say it once.")
        changes[key] = value
    for key in removed:
        if key in changes:
            raise bad_input(f"{key} is to be set and to be removed.", "Say one of them.")
        if key == _KEPT:
            raise bad_input(
                f"{key} is not removed: it would end the sign-in, and nobody could undo that.",
                "To stop the refreshes, say token-refresher pause; to end it all, token-refresher remove.",
            )
        _check_key(key)
        changes[key] = None
    if not changes:
        raise bad_input("There is nothing to change.", "Say KEY=VALUE, or --remove KEY.")
    asked = [key for key in changes if key in SECRETS and changes[key] is not None]
    if len(asked) > 1 and not is_interactive():
        raise bad_input(
            f"Only one value can be read from standard input, not {', '.join(asked)}.", "Set one at a time."
        )
    return changes | {key: _secret(key) for key in asked}


def checked(changes: Mapping[str, Any], document: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the changes with the values of our keys as they are to be written.

    Args:
        changes: As the command line says them.
        document: What they are to change: a developer token of the sandbox is none of production.
        now: The time.

    Raises:
        CommandError: A value cannot be right.
    """
    scope = changes.get("scope", document.get("scope")) or DEFAULT_SCOPE
    is_sandbox = SANDBOX_SCOPE in str(scope).split()
    of_a_moment: dict[str, Callable[[str], str]] = {
        "developer_token": lambda text: shapes.developer_token(text, sandbox=is_sandbox),
        "client_secret_expires_at": lambda text: shapes.client_secret_expires_at(text, now),
    }
    shape_of = _SHAPES | of_a_moment
    return {
        key: value if value is None or key not in shape_of else shape_of[key](_text(value))
        for key, value in changes.items()
    }


def _text(value: Any) -> str:
    """Return a value of a key of ours, all of which are texts, though some look like numbers."""
    return value if isinstance(value, str) else json.dumps(value)


def _split(one: str) -> tuple[str, Any]:
    name, equals, value = one.partition("=")
    is_json, key = name.endswith(":"), name.removesuffix(":")
    if not equals or not key:
        # Without the equals sign it may be a value, so it is not repeated here.
        raise bad_input("One argument is not KEY=VALUE.", "Write account_id=1234567, or limits:='{\"rows\": 10}'.")
    _check_key(key)
    if key in SECRETS:
        if value != "-" or is_json:
            raise bad_input(
                f"{key} is a secret, and the command line is seen by others and kept by the shell.",
                f"Say {key}=- to be asked for it, or to give it on standard input.",
            )
        return key, value
    if is_json:
        return key, _json(key, value)
    if not value:
        raise bad_input(f"{key} has no value.", f"Say --remove {key} to remove it.")
    return key, value


def _check_key(key: str) -> None:
    if key in OF_THE_REFRESHER:
        raise bad_input(f"{key} is written by the refresher: {OF_THE_REFRESHER[key]}.", "Leave it as it is.")


def _json(key: str, text: str) -> Any:
    def refuse(constant: str) -> NoReturn:
        raise ValueError(constant)

    try:
        value = json.loads(text, parse_constant=refuse)
        json.dumps(value, allow_nan=False)  # A number beyond what can be held is read as infinity.
    except (ValueError, RecursionError):
        raise bad_input(f"What follows {key}:= is not JSON.", f"Write {key}=… for a text.") from None
    if value is None:
        raise bad_input(f"{key}:=null says nothing.", f"Say --remove {key} to remove it.")
    return value


def _secret(key: str) -> str:
    value = ask_hidden(key) if is_interactive() else read_standard_input()
    if not value.strip():
        raise _empty(key)
    return value.strip()


def _empty(key: str) -> CommandError:
    return bad_input(f"No value came for {key}.", "Give it on standard input, or at the question.")
