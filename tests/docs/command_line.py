"""The command as it is registered: its commands, options and exit codes, for whatever the documents say of them."""

import ast
import inspect
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import typer

from token_refresher_cli import exit_code
from token_refresher_cli.exit_code import ExitCode
from token_refresher_cli.main import app

NAME: Final = "token-refresher"
GROUP: Final[Any] = typer.main.get_command(app)
COMMANDS: Final[dict[str, Any]] = dict(GROUP.commands)

_LINE: Final = re.compile(rf"\$\(({NAME} [^`\n)]*)|(?:^ *|[|;&] +)({NAME} [^`\n]*)", re.MULTILINE)
_PIPE: Final = re.compile(r"\s(?:\||>|<|&&|\|\||;)(?=\s)")


@dataclass(frozen=True)
class Option:
    """An option or an argument of a command.

    Attributes:
        written: How it is written, with its short form and its opposite.
        help: What it is for.
        default: What it is without being said, in words; empty where that says nothing.
        variable: The environment variable that says it as well, or empty.
        required: Whether the command does not go without it.
    """

    written: str
    help: str
    default: str
    variable: str
    required: bool

    @classmethod
    def of(cls, parameter: Any) -> "Option":
        """Read what Typer knows of a parameter."""
        names = [*parameter.opts, *parameter.secondary_opts]
        if parameter.param_type_name == "argument":
            names = [parameter.name.upper() + ("…" if parameter.nargs != 1 else "")]
        elif not parameter.is_flag:
            names[-1] += f" {_value(parameter)}"
        return cls(
            " ".join(f"`{name}`" for name in names),
            parameter.help or "",
            _default(parameter),
            parameter.envvar or "",
            parameter.required,
        )


def _value(parameter: Any) -> str:
    kind = parameter.type_descriptor.annotation
    choices = getattr(kind, "__members__", None)
    return "/".join(str(choice) for choice in kind) if choices else str(parameter.metavar or _kind(kind))


def _kind(annotation: Any) -> str:
    return {"int": "NUMBER", "float": "NUMBER", "Path": "FILE"}.get(getattr(annotation, "__name__", ""), "TEXT")


def _default(parameter: Any) -> str:
    if isinstance(getattr(parameter, "show_default", None), str):
        return str(parameter.show_default)
    if parameter.default in {None, False, ""} or parameter.required:
        return ""
    return str(parameter.default)


def options(parameters: Iterable[Any]) -> list[Option]:
    """Return options and arguments, as the help lists them."""
    return [Option.of(parameter) for parameter in parameters if not parameter.hidden and parameter.name != "help"]


def exit_codes() -> dict[ExitCode, str]:
    """Return what each exit code means: the docstring of its member, which only the source knows."""
    [definition] = [node for node in ast.parse(inspect.getsource(exit_code)).body if isinstance(node, ast.ClassDef)]
    found: dict[ExitCode, str] = {}
    for node, after in zip(definition.body, definition.body[1:], strict=False):
        match node, after:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                found[ExitCode[name]] = " ".join(text.split())
    return found


def lines(text: str) -> Iterator[str]:
    """Yield every command line of ours in a text, without what stands after it in a shell."""
    joined = re.sub(r"\\\n\s*", " ", text)
    for substituted, typed in _LINE.findall(joined):
        yield re.sub(r"\s+#.*", "", _PIPE.split(substituted or typed)[0]).rstrip()


def named(line: str) -> str:
    """Return the command that a text names: by its name alone, or by a whole command line.

    Raises:
        Exception: As `parse` does.
    """
    words = line.split()
    return words[1] if len(words) == len(("command", "name")) and words[1] in COMMANDS else parse(line)


def parse(line: str) -> str:
    """Parse a command line as the command would, without running it, and return the name of its command.

    Raises:
        Exception: There is no such command or option, or a value is missing or impossible.
    """
    # What is substituted by a shell is one word, whatever is in it.
    words = shlex.split(re.sub(r"\$\([^()]*\)", "substituted", line))[1:]
    if words in (["--help"], ["--version"]) or words[0] in {"--install-completion", "--show-completion"}:
        return ""
    context = GROUP.make_context(NAME, words)
    # Typer keeps the name of the command apart from its arguments.
    [name], arguments = context._protected_args, context.args
    if name not in COMMANDS:
        raise LookupError(f"there is no command {name}")
    if arguments != ["--help"]:
        COMMANDS[name].make_context(name, arguments, parent=context)
    return str(name)
