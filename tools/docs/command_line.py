"""The commands, options and exit codes of the command, as they are registered, for checks of the documents."""

import ast
import inspect
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import typer

from token_refresher_cli.main import app
from token_refresher_cli.shell import exit_code
from token_refresher_cli.shell.exit_code import ExitCode

NAME: Final = "token-refresher"
GROUP: Final[Any] = typer.main.get_command(app)
COMMANDS: Final[dict[str, Any]] = GROUP.loaded()

_LINE: Final = re.compile(rf"\$\(({NAME} [^`\n)]*)|(?:^ *|[|;&] +)({NAME} [^`\n]*)", re.MULTILINE)
_PIPE: Final = re.compile(r"\s(?:\||>|<|&&|\|\||;)(?=\s)")


@dataclass(frozen=True)
class Option:
    """An option or an argument of a command.

    Attributes:
        written: Its names, including the short form and the opposite.
        help: Its help text.
        default: Its default in words, or an empty text if that has no meaning.
        variable: Its environment variable, or an empty text.
        required: Whether it is required.
    """

    written: str
    help: str
    default: str
    variable: str
    required: bool

    @classmethod
    def of(cls, parameter: Any) -> "Option":
        """Return the option of a parameter of Typer."""
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
    """Return the options and arguments that the help lists."""
    return [Option.of(parameter) for parameter in parameters if not parameter.hidden and parameter.name != "help"]


def exit_codes() -> dict[ExitCode, str]:
    """Return the meaning of each exit code: the docstring of the member, which only the source has."""
    [definition] = [node for node in ast.parse(inspect.getsource(exit_code)).body if isinstance(node, ast.ClassDef)]
    found: dict[ExitCode, str] = {}
    for node, after in zip(definition.body, definition.body[1:], strict=False):
        match node, after:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                found[ExitCode[name]] = " ".join(text.split())
    return found


def lines(text: str) -> Iterator[str]:
    """Yield every command line of the command in a shell text, without pipes, redirections and comments."""
    joined = re.sub(r"\\\n\s*", " ", text)
    for substituted, typed in _LINE.findall(joined):
        yield re.sub(r"\s+#.*", "", _PIPE.split(substituted or typed)[0]).rstrip()


def named(line: str) -> str:
    """Return the command in a text, which is its name alone or a whole command line.

    Raises:
        Exception: See `parse`.
    """
    words = line.split()
    return words[1] if len(words) == len(("command", "name")) and words[1] in COMMANDS else parse(line)


def parse(line: str) -> str:
    """Parse a command line without running it, and return the name of its command.

    Raises:
        Exception: There is no such command or option, or a value is missing or invalid.
    """
    # A shell substitution is one word, whatever its content.
    words = shlex.split(re.sub(r"\$\([^()]*\)", "substituted", line))[1:]
    if words in (["--help"], ["--version"]) or words[0] in {"--install-completion", "--show-completion"}:
        return ""
    context = GROUP.make_context(NAME, words)
    # Typer keeps the name of the command apart from its arguments.
    [name], arguments = context._protected_args, context.args  # noqa: SLF001 - Click has no public name for it any more.
    if name not in COMMANDS:
        raise LookupError(f"there is no command {name}")
    if arguments != ["--help"]:
        COMMANDS[name].make_context(name, arguments, parent=context)
    return str(name)
