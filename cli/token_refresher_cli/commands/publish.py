"""``publish``: give pipelines a secret of their own."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.rotation.secret_store import NO_VERSION
from token_refresher_cli.changes.registry_edit import is_paused
from token_refresher_cli.changes.secret_edit import SecretEdit
from token_refresher_cli.commands.arguments import Name
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.errors import bad_input
from token_refresher_cli.shell.terminal import note, progress, say
from token_refresher_cli.values import checks


def publish(
    installation: Installation,
    name: Name,
    to: Annotated[
        str | None, typer.Option("--to", metavar="NAME", help="The name of the secret, without the prefix.")
    ] = None,
    developer_token: Annotated[
        bool, typer.Option("--developer-token", help="Publish the developer token as well.")
    ] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Publish no longer, and delete the secret.")] = False,
) -> None:
    """Give pipelines a secret of their own, with the access token and without the refresh token.

    It is written after each refresh, under the prefix `ConsumerPrefix` and the name of the credential or another name.
    Who may read it can read neither the client secret nor the refresh token.

    Examples:
    - `token-refresher publish acme-bing-ads`
    - `token-refresher publish acme-bing-ads --to analytics/acme --developer-token`
    - `token-refresher publish acme-bing-ads --stop`
    """
    if stop and (to is not None or developer_token):
        raise bad_input("--stop needs no other option.", f"Write token-refresher publish {name} --stop.")
    target = None if stop else checks.publish_to(to or name)

    def change(_: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"publish_to": target, "publish_developer_token": True if developer_token and target else None}

    with progress(f"Changing {name}"):
        edited = SecretEdit(installation).apply(name, change)
        state = Credentials(installation).state(name)
        # An attempt publishes. It is not on demand, so it exchanges no token that is not due.
        request = RefreshRequest(name, state.current or NO_VERSION, installation.clock())
        installation.queue.send([request])
        entry = Credentials(installation).entry(name)
    if not edited.changed:
        say(f"{name} already has these values.")
    elif target is None:
        say(f"{name} is not published any more; its secret for pipelines is deleted in a moment.")
    else:
        say(f"Pipelines read {installation.settings.consumer_prefix}/{target}")
        # The value of a paused credential is read only if something of it is published already.
        waits = is_paused(state, entry) and not (entry and entry.publications)
        since = f"once you resume {name}" if waits else "in a moment"
        note(f"It is there {since}. Allow them secretsmanager:GetSecretValue on")
        note(_arn(state.arn, installation, target))


def _arn(arn: str, installation: Installation, target: str) -> str:
    """Return the ARN of a secret for pipelines as a policy names it: Secrets Manager adds six characters."""
    return f"{arn.partition(':secret:')[0]}:secret:{installation.settings.consumer_prefix}/{target}-??????"
