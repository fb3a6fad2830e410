"""The name of a credential, as the name of its secret may be."""

import re
from typing import Final

from token_refresher_cli.errors import bad_input

_LONGEST: Final = 512
_ALLOWED = re.compile(r"[A-Za-z0-9/_+=.@-]+")
_STEP: Final = "Choose another name, such as acme or clients/acme."


def checked_name(name: str, prefix: str) -> str:
    """Check the name of a new credential.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html

    Args:
        name: The name without the prefix.
        prefix: What the names of the managed secrets begin with, without the slash.

    Raises:
        CommandError: Secrets Manager would refuse it, or it would be misunderstood later.
    """
    if name.startswith(f"{prefix}/"):
        own = name.removeprefix(f"{prefix}/")
        raise bad_input(
            f"The name begins with {prefix}/, which is put before it anyway: the secret would be {prefix}/{name}.",
            f"Say {own}." if own else _STEP,
        )
    if not _ALLOWED.fullmatch(name):
        raise bad_input(
            "A name may hold letters without accents, digits, and the signs / _ + = . @ - alone.",
            _STEP,
        )
    if name.startswith("/") or name.endswith("/") or "//" in name:
        raise bad_input("A name may have slashes between its parts, and not at an end or one behind another.", _STEP)
    if len(prefix) + 1 + len(name) > _LONGEST:
        raise bad_input(
            f"The name has {len(name)} characters and {prefix}/ has {len(prefix) + 1}: {_LONGEST} is the most.",
            _STEP,
        )
    return name
