"""Tells of a new credential: the redirect URI, the connect link, and what happens next."""

from collections.abc import Mapping

from token_refresher.phrases import span
from token_refresher_cli.arguments import Output
from token_refresher_cli.installation import Installation
from token_refresher_cli.new_credential import NewCredential
from token_refresher_cli.terminal import note, out, say_json


def announce(installation: Installation, new: NewCredential, arn: str | None, link: str | None, output: Output) -> None:
    """Print what was made, or would be, and what happens next.

    Args:
        installation: Where it was made.
        new: The credential.
        arn: The ARN of its secret, or ``None`` for one that was not made.
        link: Its connect link, if somebody has to sign in.
        output: How to write it.
    """
    secret_id, redirect_uri = installation.secret_id(new.name), installation.outputs["CallbackUrl"]
    if output is Output.JSON:
        document = {"document": new.fingerprinted()} if arn is None else {}
        shown = {
            "name": new.name,
            "secret_id": secret_id,
            "arn": arn,
            "redirect_uri": redirect_uri,
            "connect_url": link,
        }
        say_json({**shown, **document})
        return
    lines = {"Credential": new.name, "Secret": secret_id, "Redirect URI": redirect_uri}
    if link:
        lines["Connect link"] = link
    _print_lines(lines)
    if arn is None:
        _print_lines({f"  {key}": value for key, value in new.fingerprinted().items()})
        note("Nothing was written.")
        return
    for line in _what_is_next(installation, new):
        note(line)


def _print_lines(lines: Mapping[str, str]) -> None:
    width = max(len(label) for label in lines)
    for label, value in lines.items():
        # A link that is broken into lines cannot be copied, on a screen either.
        out().print(f"{label:<{width}}  {value}", markup=False, soft_wrap=True)


def _what_is_next(installation: Installation, new: NewCredential) -> list[str]:
    settings = installation.settings
    if new.has_grant:
        period = span(settings.timing.schedule_period)
        return [
            f"Next: a tick refreshes it, within {period}. See how it went with: token-refresher show {new.name}",
            "For the day when somebody has to sign in again, register the redirect URI with the app, platform Web.",
        ]
    days = settings.connect_link_lifetime.days
    lines = [
        "Next:",
        "1. Register the redirect URI with the app: Authentication, Add a platform, Web.",
        f"2. Send the connect link to whoever may read the advertising account. It works once, for {days} days.",
        f"3. See that it is connected: token-refresher show {new.name}",
    ]
    if not {"account_id", "developer_token"} <= new.members.keys():
        lines.append("Without account id and developer token, nobody checks that the right person signs in.")
    return lines
