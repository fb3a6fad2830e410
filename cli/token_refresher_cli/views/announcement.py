"""Prints a new credential: the redirect URI, the connect link, and what to do next."""

from collections.abc import Mapping

from token_refresher.base.text import span
from token_refresher.providers.catalogue.builtin import builtin_names
from token_refresher.providers.catalogue.entry import Dialect, ProviderEntry
from token_refresher_cli.changes.new_credential import NewCredential
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.terminal import Output, note, say, say_json


def announce(installation: Installation, new: NewCredential, arn: str | None, link: str | None, output: Output) -> None:
    """Print a credential that was added, or would be, and what to do next.

    Args:
        installation: The installation that it was added to.
        new: The credential.
        arn: The ARN of its secret; ``None`` for a dry run.
        link: Its connect link, if a person has to sign in.
        output: The format.
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
        # `say` breaks no line: a connect link that is broken cannot be copied.
        say(f"{label:<{width}}  {value}")


def _what_is_next(installation: Installation, new: NewCredential) -> list[str]:
    settings, provider = installation.settings, new.provider
    is_microsoft = provider.dialect is Dialect.MICROSOFT
    if new.has_grant:
        period = span(settings.timing.schedule_period)
        where = ", platform Web" if is_microsoft else f" at {provider.words.provider}"
        return [
            f"Next: a tick refreshes it within {period}. To see the result: token-refresher show {new.name}",
            f"For the day when a person has to sign in again, register the redirect URI with the app{where}.",
        ]
    days = settings.connect_link_lifetime.days
    where = ": Authentication, Add a platform, Web" if is_microsoft else _elsewhere(provider)
    whose = "the advertising account" if provider.has_advertising_accounts else provider.words.product
    lines = [
        "Next:",
        f"1. Register the redirect URI with the app{where}.",
        f"2. Send the connect link to a person with access to {whose}. It works once, for {days} days.",
        f"3. Check that it is connected: token-refresher show {new.name}",
    ]
    if provider.has_advertising_accounts and not {"account_id", "developer_token"} <= new.members.keys():
        lines.append(
            "Without account id and developer token, Token Refresher cannot check that the right person signs in."
        )
    return lines


def _elsewhere(provider: ProviderEntry) -> str:
    page = f" (docs/providers/{provider.name}.md)" if provider.name in builtin_names() else ""
    return f" at {provider.words.provider}{page}"
