"""Collects the values of a new credential from options, variables, standard input and other tools."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from token_refresher_cli.shell.errors import bad_input
from token_refresher_cli.shell.terminal import is_interactive, note
from token_refresher_cli.values.fields import FIELDS
from token_refresher_cli.values.foreign_configuration import Configuration
from token_refresher_cli.values.foreign_kinds import KindName
from token_refresher_cli.values.foreign_sections import chosen, sections
from token_refresher_cli.values.inputs import STANDARD_INPUT, read_file, read_standard_input, shown_keys, values_of_json
from token_refresher_cli.values.questions import one_of


@dataclass(frozen=True)
class Source:
    """A configuration to import.

    Attributes:
        path: Its file, or ``-``.
        kind: Its kind, if given.
        section: The section to read, if given.
    """

    path: str
    kind: KindName | None = None
    section: str | None = None


def given_values(options: Mapping[str, str], stdin: bool, from_file: str | None) -> dict[str, str]:
    """Return the values of the options and of standard input, which only one of them can read."""
    piped = [key for key in FIELDS if FIELDS[key].is_secret and options.get(key) == STANDARD_INPUT]
    readers = [FIELDS[key].option for key in piped] + ["--stdin"] * stdin + ["--from"] * (from_file == STANDARD_INPUT)
    if len(readers) > 1:
        raise bad_input(
            f"Only one of {' and '.join(readers)} can read standard input.",
            "Give all values as one JSON object with --stdin, or some of them in environment variables.",
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
    name: str, source: Source, given: Mapping[str, str], *, without_refresh_token: bool
) -> dict[str, str]:
    """Read a configuration, and say which of its keys are used."""
    command = shlex.join(["token-refresher", "add", name, "--from", source.path])
    found = sections(read_file(source.path))
    section_name = source.section
    if len(found) > 1 and section_name is None and is_interactive() and source.path != STANDARD_INPUT:
        note(f"The configuration has {len(found)} sections with values of a credential.")
        section_name = one_of("Which one", [section.name for section in found])
    configuration = Configuration.of(chosen(found, section_name, command), source.kind)
    title = configuration.kind.title
    note(f"Recognised a configuration of {title}.")
    note(f"  Taken: {shown_keys(configuration.taken)}.")
    note(f"  Ignored: {shown_keys(configuration.ignored)}.")
    note(f"  Missing: {shown_keys(key for key in configuration.missing if key not in given)}.")
    if section_name is not None:
        command += f" --section {shlex.quote(section_name)}"
    elsewhere = {*given, "refresh_token"} if without_refresh_token else given.keys()
    values = configuration.for_account(given.get("account_id"), command, elsewhere)
    if without_refresh_token:
        values.pop("refresh_token", None)
    if "refresh_token" in values and "refresh_token" not in given:
        note(
            "Both would use the same refresh token, and each would replace it without the other. Stop"
            f" {configuration.kind.old_tool} before the next tick, or let it read the access token from the secret. Or"
            " add --without-refresh-token, and sign in again."
        )
    return values
