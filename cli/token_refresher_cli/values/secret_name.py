"""Checks the name of a credential: of a new one, and of an existing one."""

import re
from typing import Final

from token_refresher.credential.name import CHOOSE_ANOTHER, can_be_of_a_secret, fault_of_name
from token_refresher_cli.shell.errors import CommandError, bad_input

_LONGEST: Final = 512
_ARN = re.compile(r"arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:(?P<secret>.+)")
_END_OF_AN_ARN = re.compile(r"-[A-Za-z0-9]{6}")
"""The suffix that Secrets Manager adds to the name of a secret in its ARN."""

_LIST: Final = "token-refresher list shows all names."


def checked_name(name: str, prefix: str) -> str:
    """Return the name of a new credential.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html

    Args:
        name: The name without the prefix.
        prefix: The prefix of the managed secrets, without the slash.

    Raises:
        CommandError: Secrets Manager would refuse it, no browser could open its connect link, or it is an ARN or has
            the prefix.
    """
    _refuse_arn(name, prefix, CHOOSE_ANOTHER)
    if name.startswith(f"{prefix}/"):
        own = name.removeprefix(f"{prefix}/")
        raise bad_input(
            f"The name begins with {prefix}/, which the command adds itself: the secret would be {prefix}/{name}.",
            f"Write {own}." if own and not fault_of_name(own) else CHOOSE_ANOTHER,
        )
    fault = fault_of_name(name)
    if fault:
        raise bad_input(fault.removesuffix(CHOOSE_ANOTHER).rstrip(), CHOOSE_ANOTHER)
    if _is_too_long(name, prefix):
        raise bad_input(
            f"The name has {len(name)} characters and {prefix}/ has {len(prefix) + 1}: together they may have at most"
            f" {_LONGEST}.",
            CHOOSE_ANOTHER,
        )
    return name


def known_name(name: str, prefix: str) -> str:
    """Return the name of an existing credential, which may have a fault and can still be shown and removed.

    Args:
        name: The name without the prefix.
        prefix: The prefix of the managed secrets, without the slash.

    Raises:
        CommandError: No credential can have it. The message does not repeat it, because it may be a secret.
    """
    if not name.strip():
        raise bad_input("The name is empty.", _LIST)
    _refuse_arn(name, prefix, _LIST)
    if not can_be_of_a_secret(name) or _is_too_long(name, prefix):
        raise bad_input(
            "No credential can have this name: it may have only letters without accents, digits and the signs"
            f" / _ + = . @ -, and with {prefix}/ at most {_LONGEST} characters.",
            _LIST,
        )
    return name


def _is_too_long(name: str, prefix: str) -> bool:
    return len(prefix) + 1 + len(name) > _LONGEST


def _refuse_arn(text: str, prefix: str, step: str) -> None:
    """Refuse an ARN, and suggest the name in it: only the operator knows whether its suffix belongs to the name."""
    if not text.startswith("arn:"):
        return
    raise _name_in(text, prefix) or bad_input(
        f"That is an ARN, of no secret under {prefix}/, and not the name of a credential.", step
    )


def _name_in(arn: str, prefix: str) -> CommandError | None:
    found = _ARN.fullmatch(arn)
    own = found["secret"].removeprefix(f"{prefix}/") if found else ""
    name = own[:-7] if _END_OF_AN_ARN.fullmatch(own[-7:]) else own
    if not found or own == found["secret"] or not can_be_of_a_secret(name):
        return None
    return bad_input("That is the ARN of a secret, and not the name of a credential.", f"Write {name}.")
