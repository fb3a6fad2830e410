"""Gathers the values of a new credential: from the command line and its variables, standard input, and other tools."""

import shlex
from collections.abc import Mapping

from token_refresher_cli.configuration_kinds import KindName
from token_refresher_cli.configurations import Configuration
from token_refresher_cli.errors import bad_input
from token_refresher_cli.fields import FIELDS
from token_refresher_cli.inputs import STANDARD_INPUT, read_file, read_standard_input, shown_keys, values_of_json
from token_refresher_cli.terminal import note


def given_values(options: Mapping[str, str], stdin: bool, from_file: str | None) -> dict[str, str]:
    """Return the values of the options and of standard input, which can be read for one purpose only."""
    piped = [key for key in FIELDS if FIELDS[key].is_secret and options.get(key) == STANDARD_INPUT]
    readers = [FIELDS[key].option for key in piped] + ["--stdin"] * stdin + ["--from"] * (from_file == STANDARD_INPUT)
    if len(readers) > 1:
        raise bad_input(
            f"Standard input is to be read for {' and '.join(readers)}.",
            "Give all values as one JSON object with --stdin, or some of them by environment variables.",
        )
    values = {**options, **{key: read_standard_input().strip() for key in piped}}
    if not stdin:
        return values
    read = values_of_json(read_standard_input())
    twice = read.keys() & values.keys()
    if twice:
        note(f"Given twice, and not taken from standard input: {shown_keys(twice)}.")
    return {**read, **values}


def imported_values(
    name: str, path: str, kind: KindName | None, given: Mapping[str, str], without_refresh_token: bool
) -> dict[str, str]:
    """Read a configuration, and say what was made of it."""
    configuration = Configuration.parse(read_file(path), kind)
    title = configuration.kind.title
    note(f"Recognised a configuration of {title}.")
    note(f"  Taken: {shown_keys(configuration.taken)}.")
    note(f"  Ignored: {shown_keys(configuration.ignored)}.")
    note(f"  Missing: {shown_keys(key for key in configuration.missing if key not in given)}.")
    command = shlex.join(["token-refresher", "add", name, "--from", path])
    values = configuration.for_account(given.get("account_id"), command)
    if without_refresh_token:
        values.pop("refresh_token", None)
    if "refresh_token" in values and "refresh_token" not in given:
        note(
            "Both would use the same refresh token, and each gets successors that the other does not know. Stop"
            f" {configuration.kind.old_tool} before the next tick, or have it read the access token from the secret. Or"
            " say --without-refresh-token, and sign in anew."
        )
    return values
