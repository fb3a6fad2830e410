"""``next``: say what to do next."""

from token_refresher.base.text import names as listed
from token_refresher_cli.commands.arguments import OutputOption
from token_refresher_cli.doctor.steps import Progress, steps
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.terminal import Output, progress, say, say_json

_MARKS = {True: "✓", False: "·", None: "·"}


def next_steps(installation: Installation, output: OutputOption = Output.TABLE) -> None:
    """List the steps of an installation in their order, with the command of each; done steps are ticked.

    It changes nothing and reads no secret value.

    Examples:
    - `token-refresher next`
    - `token-refresher next --output json`
    """
    with progress("Checking which steps are done"):
        reached = Progress.of(installation)
        found = list(steps(installation, reached))
    if output is Output.JSON:
        say_json({"stack": installation.stack, "steps": [step.to_document() for step in found]})
        return
    for number, step in enumerate(found, start=1):
        say(f"{_MARKS[step.done]} {number}. {step.text}")
        if not step.done:
            for command in step.commands:
                say(f"       {command}")
    if reached.credentials:
        say("")
        say(f"Credentials: {listed(reached.credentials)}.")
