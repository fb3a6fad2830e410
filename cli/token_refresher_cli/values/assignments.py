"""Reads the changes of a document from the command line: ``key=value``, ``key:=json``, ``key=-``."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NoReturn

from token_refresher.credential.default_provider import DEFAULT_PROVIDER
from token_refresher.credential.fields import FIELDS, OPERATOR_KEYS, SECRET_KEYS
from token_refresher.credential.scopes import DEFAULT_SCOPE, is_sandbox
from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.shell.terminal import ask_hidden, is_interactive
from token_refresher_cli.values.inputs import read_standard_input
from token_refresher_cli.values.rules import Rules

NOT_SETTABLE: Final = {
    "access_token": "the next refresh writes it",
    "token_type": "it belongs to the access token",
    "expires_at": "it says when the access token expires, which nobody can change",
    "granted_scope": "it says what the provider granted; to ask for something else, set scope",
    "refreshed_at": "it says when the access token was issued",
    "refresh_token_issued_at": "it says when the refresh token was issued",
    "consented_at": "it says when somebody signed in; each sign-in changes it",
    "identity": "it says who signed in; to let another person sign in, use token-refresher link",
}
"""The keys that an operator cannot set, and why."""

SHOWN: Final = tuple(key for key in OPERATOR_KEYS if key not in SECRET_KEYS)
"""The keys whose values are not secrets. The value of an unknown key may be one."""

_KEPT: Final = "refresh_token"
"""The key that cannot be removed."""


def assignments(written: Sequence[str], removed: Sequence[str]) -> dict[str, Any]:
    """Return the keys to change, as the command line gives them; ``None`` removes a key.

    Args:
        written: Such as ``account_id=1234567``, ``limits:={"rows": 10}`` or ``client_secret=-``.
        removed: The keys to remove.

    Raises:
        CommandError: The command line contradicts itself, or sets what cannot be set.
    """
    changes: dict[str, Any] = {}
    for one in written:
        key, value = _split(one)
        if key in changes:
            raise bad_input(f"{key} is given twice.", "Give it once.")
        changes[key] = value
    for key in removed:
        if key in changes:
            raise bad_input(f"{key} is set and removed.", "Give only one of them.")
        if key == _KEPT:
            raise bad_input(
                f"{key} cannot be removed: that would end the sign-in, and nobody could undo it.",
                "To stop the refreshes: token-refresher pause. To delete the credential: token-refresher remove.",
            )
        _check_key(key)
        changes[key] = None
    if not changes:
        raise bad_input("There is nothing to change.", "Give KEY=VALUE or --remove KEY.")
    asked = [key for key in changes if key in SECRET_KEYS and changes[key] is not None]
    if len(asked) > 1 and not is_interactive():
        raise bad_input(
            f"Only one value can be read from standard input, not {', '.join(asked)}.", "Set one at a time."
        )
    return changes | {key: _secret(key) for key in asked}


def checked(
    changes: Mapping[str, Any], document: Mapping[str, Any], rules_of: Callable[[str], Rules]
) -> dict[str, Any]:
    """Return the changes with the values of the known keys checked and normalized.

    Args:
        changes: The changes from the command line.
        document: The document to change. Its provider and its scope say what is valid.
        rules_of: Returns the rules of a provider by its name. It is not called for keys that nobody checks.

    Raises:
        CommandError: A value is invalid, or there is no such provider.
    """
    if not any(value is not None and key in FIELDS for key, value in changes.items()):
        return dict(changes)
    provider = changes.get("provider", document.get("provider")) or DEFAULT_PROVIDER
    rules = rules_of(str(provider).strip())
    scope = changes.get("scope", document.get("scope")) or DEFAULT_SCOPE
    in_the_sandbox = is_sandbox(str(scope))
    if "refresh_token" in changes and "refresh_token_expires_at" in document:
        changes = {"refresh_token_expires_at": None, **changes}  # The date is that of the token before.
    return {
        key: value if value is None or key not in FIELDS else rules.checked(key, _text(value), sandbox=in_the_sandbox)
        for key, value in changes.items()
    }


def _text(value: Any) -> str:
    """Return the value of a known key, which is always a text, though some look like numbers."""
    return value if isinstance(value, str) else json.dumps(value)


def _split(one: str) -> tuple[str, Any]:
    name, equals, value = one.partition("=")
    is_json, key = name.endswith(":"), name.removesuffix(":")
    if not equals or not key:
        # Without the equals sign it may be a secret, so the message does not repeat it.
        raise bad_input("One argument is not KEY=VALUE.", "Write account_id=1234567, or limits:='{\"rows\": 10}'.")
    _check_key(key)
    if key in SECRET_KEYS:  # Others see a command line, and the shell keeps it in its history.
        if value != "-" or is_json:
            raise bad_input(
                f"{key} is a secret, and the command line is visible to others and stays in the shell's history.",
                f"Write {key}=- to enter it at a prompt or on standard input.",
            )
        return key, value
    if is_json:
        return key, _json(key, value)
    if not value:
        raise bad_input(f"{key} has no value.", f"To remove it, write --remove {key}.")
    return key, value


def _check_key(key: str) -> None:
    if key in NOT_SETTABLE:
        raise bad_input(f"Token Refresher writes {key}: {NOT_SETTABLE[key]}.", "Leave it as it is.")


def _json(key: str, text: str) -> Any:
    def refuse(constant: str) -> NoReturn:
        raise ValueError(constant)

    try:
        value = json.loads(text, parse_constant=refuse)
        json.dumps(value, allow_nan=False)  # json reads a number that is too large as infinity.
    except (ValueError, RecursionError):
        raise bad_input(f"The value after {key}:= is not JSON.", f"For a text, write {key}=…") from None
    if value is None:
        raise bad_input(f"{key}:=null is no value.", f"To remove it, write --remove {key}.")
    return value


def _secret(key: str) -> str:
    value = ask_hidden(key) if is_interactive() else read_standard_input()
    if not value.strip():
        raise _empty(key)
    return value.strip()


def _empty(key: str) -> CommandError:
    return bad_input(f"There is no value for {key}.", "Give it at the prompt or on standard input.")
