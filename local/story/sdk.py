"""The official SDK of Microsoft Advertising makes a call: the recipe of docs/consumers.md, with a consumer's rights.

The SDK meets Microsoft at its real names, on loopback, so it is on record what it sends and whom it asks.
"""

import tempfile
from pathlib import Path
from typing import Final

from local.recipes.environment import THIS_PYTHON
from local.recipes.microsoft import Exchange, Microsoft, at_its_names
from local.recipes.page import code
from local.recipes.pipeline import Pipeline
from local.recipes.rights import consumer_rights
from local.stack.stack import LocalStack
from token_refresher_client.reader import CONSUMER_PREFIX

_SECTION: Final = "The official SDK: bingads"
_OF_THE_PAGE: Final = f"{CONSUMER_PREFIX}/acme-ads"


class SdkMisbehavedError(Exception):
    """The SDK did something else than its one call. The message says what."""


def call_by_the_sdk(stack: LocalStack, name: str) -> Exchange:
    """Run the recipe for the consumer secret of this name, and return the call that it sent.

    The environment of the SDK is made at the first time, from what local/recipes/requirements pins.

    Raises:
        CommandFailedError: The environment cannot be made.
        RecipeFailedError: The recipe ended with an error.
        SdkMisbehavedError: It sent another call as well, asked for a token, or looked for another host.
    """
    recipe = code(_SECTION).replace(_OF_THE_PAGE, f"{CONSUMER_PREFIX}/{name}")
    with tempfile.TemporaryDirectory(prefix="token-refresher-sdk-") as scratch:
        folder = Path(scratch)
        with at_its_names(stack.parameters["AdsApiUrl"], folder) as microsoft:
            rights = consumer_rights(stack.aws, "pipeline-of-the-sdk")
            Pipeline(folder, stack.ports.aws, rights, microsoft, THIS_PYTHON).run("bingads", recipe)
            return _the_call(microsoft)


def _the_call(microsoft: Microsoft) -> Exchange:
    if microsoft.token_requests or microsoft.strangers:
        hosts = {one.host for one in microsoft.token_requests} | microsoft.strangers
        raise SdkMisbehavedError(f"the SDK asked {', '.join(sorted(hosts))}")
    if len(microsoft.calls) != 1 or microsoft.calls[0].code:
        seen = ", ".join(f"{one.operation} ({one.code})" for one in microsoft.calls)
        raise SdkMisbehavedError(f"the SDK made these calls, with these codes: {seen or 'none'}")
    return microsoft.calls[0]
