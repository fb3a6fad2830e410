"""``refresh``: refresh a credential now, and see how it ends."""

from token_refresher_cli.arguments import Name, Output, OutputOption
from token_refresher_cli.credentials import Credentials
from token_refresher_cli.ending import RefreshEnding
from token_refresher_cli.errors import CommandError
from token_refresher_cli.exit_code import ExitCode
from token_refresher_cli.installation import Installation
from token_refresher_cli.on_demand import Timeout
from token_refresher_cli.registry_edit import is_paused
from token_refresher_cli.terminal import say, say_json


def refresh(
    installation: Installation,
    name: Name,
    timeout: Timeout = 120,
    output: OutputOption = Output.TABLE,
) -> None:
    """Refresh a credential now, even if it is not due, and say how it ended.

    The request goes through the same queue as those of the schedule, so that no two refreshes are made at once.

    Examples:
    - `token-refresher refresh acme-bing-ads`
    - `token-refresher refresh acme-bing-ads --timeout 300 --output json`
    """
    credentials = Credentials(installation)
    state = credentials.state(name)
    if is_paused(state, credentials.entry(name)):
        raise CommandError(
            f"{name} is paused: it is not refreshed.", f"token-refresher resume {name} sets it to work again."
        )
    ending = RefreshEnding.asked_for(installation, state, timeout)
    if output is Output.JSON:
        say_json(ending.to_json())
    elif ending.exit_code is ExitCode.DONE:
        say(ending.message)
    ending.check()
