"""``refresh``: refresh a credential now, and say how that ended."""

from token_refresher_cli.changes.refresh_answer import RefreshAnswer
from token_refresher_cli.changes.refresh_request import Timeout
from token_refresher_cli.changes.registry_edit import is_paused
from token_refresher_cli.commands.arguments import Name, OutputOption
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.exit_code import ExitCode
from token_refresher_cli.shell.terminal import Output, say, say_json


def refresh(
    installation: Installation,
    name: Name,
    timeout: Timeout = 120,
    output: OutputOption = Output.TABLE,
) -> None:
    """Refresh a credential now, even if it is not due, and say how that ended.

    The request uses the queue of the scheduled refreshes, so two refreshes never run at the same time.

    Examples:
    - `token-refresher refresh acme-bing-ads`
    - `token-refresher refresh acme-bing-ads --timeout 300 --output json`
    """
    credentials = Credentials(installation)
    state = credentials.state(name)
    if is_paused(state, credentials.entry(name)):
        raise CommandError(
            f"{name} is paused, so it is not refreshed.", f"Resume it with: token-refresher resume {name}"
        )
    answer = RefreshAnswer.requested(installation, state, timeout)
    if output is Output.JSON:
        say_json(answer.to_json())
    elif answer.exit_code is ExitCode.DONE:
        say(answer.message)
    answer.check()
