"""``add``: a new credential, from questions, from options, or from the configuration of another tool."""

from typing import Annotated, Any

import typer

from token_refresher.phrases import names
from token_refresher_cli.announcement import announce
from token_refresher_cli.arguments import Output, OutputOption, Yes
from token_refresher_cli.configuration_kinds import KindName
from token_refresher_cli.errors import bad_input
from token_refresher_cli.fields import ACCOUNT_URL, with_account
from token_refresher_cli.gathering import given_values, imported_values
from token_refresher_cli.installation import Installation
from token_refresher_cli.new_credential import NewCredential, checked_tags, for_the_sandbox, refuse_taken
from token_refresher_cli.questions import Questions
from token_refresher_cli.secret_name import checked_name
from token_refresher_cli.terminal import confirm, is_interactive, note, progress
from token_refresher_cli.twins import twins_of

_VALUES, _ELSEWHERE = "The values", "From elsewhere"


def _value(key: str, text: str) -> Any:
    return typer.Option(
        f"--{key.replace('_', '-')}",
        envvar=f"TOKEN_REFRESHER_{key.upper()}",
        help=text,
        show_default=False,
        rich_help_panel=_VALUES,
    )


_SECRETLY = "`-` reads it from standard input."


def add(
    installation: Installation,
    # No completion: the names that there are are taken.
    name: Annotated[str, typer.Argument(help="The name of the new credential, without the prefix of its secret.")],
    *,
    client_id: Annotated[str | None, _value("client_id", "Application (client) id of the app: a GUID.")] = None,
    client_secret: Annotated[
        str | None, _value("client_secret", f"The *value* of its client secret, not the id. {_SECRETLY}")
    ] = None,
    public_client: Annotated[
        bool, typer.Option("--public-client", help="The app has no client secret.", rich_help_panel=_VALUES)
    ] = False,
    client_secret_expires_at: Annotated[
        str | None, _value("client_secret_expires_at", "When it expires, such as 2027-01-31: you are warned ahead.")
    ] = None,
    developer_token: Annotated[
        str | None, _value("developer_token", f"Developer token of Microsoft Advertising. {_SECRETLY}")
    ] = None,
    account_id: Annotated[
        str | None, _value("account_id", "Id of the advertising account: a number, not the account number.")
    ] = None,
    customer_id: Annotated[str | None, _value("customer_id", "Id of the customer that the account belongs to.")] = None,
    account_url: Annotated[
        str | None, _value("account_url", "Both ids as the address of the account's page in the browser.")
    ] = None,
    tenant: Annotated[
        str | None, _value("tenant", "Tenant id or domain, organizations or consumers; common if not given.")
    ] = None,
    scope: Annotated[str | None, _value("scope", "What is asked of whoever signs in, with offline_access.")] = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="It is for the sandbox of Microsoft Advertising.", rich_help_panel=_VALUES)
    ] = False,
    refresh_token: Annotated[
        str | None, _value("refresh_token", f"A grant to import: nobody has to sign in. {_SECRETLY}")
    ] = None,
    stdin: Annotated[
        bool,
        typer.Option(
            "--stdin",
            help="Read a JSON object with such values from standard input; its keys are those of the secret.",
            rich_help_panel=_ELSEWHERE,
        ),
    ] = False,
    from_file: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Import a configuration of Airbyte, Singer, OWOX or the BingAds SDK; `-` is standard input.",
            rich_help_panel=_ELSEWHERE,
        ),
    ] = None,
    kind: Annotated[
        KindName | None,
        typer.Option(
            "--format", help="Whose configuration it is, if it is not recognised.", rich_help_panel=_ELSEWHERE
        ),
    ] = None,
    without_refresh_token: Annotated[
        bool,
        typer.Option(
            "--without-refresh-token",
            help="Do not import the refresh token of the configuration: somebody signs in anew.",
            rich_help_panel=_ELSEWHERE,
        ),
    ] = False,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="KEY=VALUE", help="A tag of the secret; may be repeated.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, and write nothing.")] = False,
    open_it: Annotated[
        bool, typer.Option("--open", help="Open the connect link in a browser of this machine.")
    ] = False,
    yes: Yes = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Create a credential, and print the redirect URI to register and the connect link.

    It asks for what is not given, and checks everything before anything is written. The secret is created with the key
    of the stack. Whoever may read the advertising account then opens the connect link; an imported refresh token needs
    no sign-in. Shells remember what is typed: give secrets when you are asked, by variables, or on standard input.

    Values on the command line count before those on standard input, and those before an imported file.

    Examples:
    - `token-refresher add acme-bing-ads`
    - `token-refresher add acme-bing-ads --account-url 'https://ui.ads.microsoft.com/campaign?aid=123456789&cid=987654321'`
    - `token-refresher add acme-bing-ads --stdin < acme.json`
    - `token-refresher add acme-bing-ads --from airbyte.json --account-id 123456789 --dry-run`
    """
    options = {
        "client_id": client_id,
        "client_secret": client_secret,
        "tenant": tenant,
        "scope": scope,
        "developer_token": developer_token,
        "customer_id": customer_id,
        "account_id": account_id,
        "client_secret_expires_at": client_secret_expires_at,
        "refresh_token": refresh_token,
        ACCOUNT_URL: account_url,
    }
    checked_name(name, installation.prefix)
    tags = checked_tags(tag or [])
    given = with_account(
        given_values({key: value for key, value in options.items() if value is not None}, stdin, from_file)
    )
    imported = imported_values(name, from_file, kind, given, without_refresh_token) if from_file else {}
    values = {**imported, **given}
    with progress("Looking whether the name is free"):
        refuse_taken(installation, name)
    now = installation.clock()
    if is_interactive():
        asked = for_the_sandbox(values) if sandbox else values
        values, public_client = Questions(now).complete(asked, public=public_client)
    new = NewCredential.of(name, installation.prefix, values, now, public=public_client, sandbox=sandbox)
    _refuse_twins(new, installation, yes=yes or dry_run)
    link = None
    if not dry_run:
        with progress("Creating the credential"):
            # The link first: should its key not be readable, nothing was written.
            link = None if new.has_grant else installation.links.make(name, new.credential.consent_generation)
            arn = new.create(installation, tags)
    announce(installation, new, arn if not dry_run else None, link, output)
    if link and open_it:
        typer.launch(link)


def _refuse_twins(new: NewCredential, installation: Installation, *, yes: bool) -> None:
    with progress("Looking for the same account under another name"):
        twins = twins_of(new, installation)
    if twins.spent_by:
        raise bad_input(
            f"The refresh token was used up by {names(twins.spent_by)}: to use it again may end that grant.",
            "Leave it out (--without-refresh-token for an imported one), and sign in with the connect link.",
        )
    if twins.same_grant:
        note(f"The same refresh token is in {names(twins.same_grant)}: both would refresh it, each on its own.")
    if twins.same_account:
        note(f"The same account of the same app is connected as {names(twins.same_account)}.")
    if twins.same_grant or twins.same_account:
        confirm(f"Create {new.name} all the same?", yes=yes)
