"""``add``: create a credential from answers, options or the configuration of another tool."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from token_refresher.base.errors import MalformedCredentialError
from token_refresher.base.text import names
from token_refresher.credential.default_provider import DEFAULT_PROVIDER
from token_refresher_cli.changes.duplicates import duplicates_of
from token_refresher_cli.changes.new_credential import NewCredential, checked_tags, for_the_sandbox, refuse_taken
from token_refresher_cli.commands.arguments import OutputOption, Yes, complete_providers
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.known_providers import KnownProviders
from token_refresher_cli.shell.errors import bad_input
from token_refresher_cli.shell.terminal import Output, confirm, is_interactive, note, progress
from token_refresher_cli.values.fields import ACCOUNT_URL, ISSUER, with_account
from token_refresher_cli.values.foreign_kinds import KindName
from token_refresher_cli.values.gathering import Source, given_values, imported_values
from token_refresher_cli.values.questions import Questions
from token_refresher_cli.values.rules import Rules, RulesOf
from token_refresher_cli.values.secret_name import checked_name
from token_refresher_cli.values.server import discovered
from token_refresher_cli.views.announcement import announce

_ADVANCED = "Advanced"
"""The help panel of the options that most credentials do not need."""


def _value(key: str, text: str, panel: str | None = None) -> Any:
    return typer.Option(
        f"--{key.replace('_', '-')}",
        envvar=f"TOKEN_REFRESHER_{key.upper()}",
        help=text,
        show_default=False,
        rich_help_panel=panel,
    )


_FROM_STDIN = "`-` reads it from standard input."


def add(
    installation: Installation,
    # No completion: every existing name is taken.
    name: Annotated[str, typer.Argument(help="The name of the new credential, without the prefix of its secret.")],
    *,
    provider: Annotated[
        str | None,
        typer.Option(
            "--provider",
            envvar="TOKEN_REFRESHER_PROVIDER",
            help="Name of the provider, as `token-refresher providers` lists it.",
            show_default=DEFAULT_PROVIDER,
            autocompletion=complete_providers,
        ),
    ] = None,
    client_id: Annotated[str | None, _value("client_id", "Client id of the app; at Microsoft it is a GUID.")] = None,
    client_secret: Annotated[
        str | None, _value("client_secret", f"The *value* of the client secret, not its id. {_FROM_STDIN}")
    ] = None,
    client_secret_expires_at: Annotated[
        str | None,
        _value(
            "client_secret_expires_at", "When the client secret expires, such as 2027-01-31: you get a warning before."
        ),
    ] = None,
    developer_token: Annotated[
        str | None, _value("developer_token", f"Developer token of Microsoft Advertising. {_FROM_STDIN}")
    ] = None,
    account_url: Annotated[
        str | None,
        _value(
            "account_url", "Address of the account's page in the browser: it has the account id and the customer id."
        ),
    ] = None,
    stdin: Annotated[
        bool,
        typer.Option(
            "--stdin", help="Read the values from standard input, as a JSON object with the keys of the secret."
        ),
    ] = False,
    from_file: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help=(
                "Import a configuration of Airbyte, Singer, OWOX or the BingAds SDK, or a response of the token"
                " endpoint; `-` is standard input."
            ),
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and write nothing.")] = False,
    yes: Yes = False,
    output: OutputOption = Output.TABLE,
    account_id: Annotated[
        str | None,
        _value("account_id", "Id of the advertising account: digits only, and not the account number.", _ADVANCED),
    ] = None,
    customer_id: Annotated[
        str | None, _value("customer_id", "Id of the customer that the account belongs to.", _ADVANCED)
    ] = None,
    public_client: Annotated[
        bool, typer.Option("--public-client", help="The app has no client secret.", rich_help_panel=_ADVANCED)
    ] = False,
    tenant: Annotated[
        str | None,
        _value("tenant", "At Microsoft: tenant id, domain, organizations or consumers; default: common.", _ADVANCED),
    ] = None,
    scope: Annotated[
        str | None,
        _value(
            "scope",
            "Permissions to ask for at sign-in, with what brings a refresh token (at Microsoft offline_access).",
            _ADVANCED,
        ),
    ] = None,
    issuer: Annotated[
        str | None,
        _value("issuer", "With the provider oauth2: the server that says what its addresses are.", _ADVANCED),
    ] = None,
    authorization_endpoint: Annotated[
        str | None,
        _value("authorization_endpoint", "With the provider oauth2, if the server does not say it.", _ADVANCED),
    ] = None,
    token_endpoint: Annotated[
        str | None, _value("token_endpoint", "With the provider oauth2, if the server does not say it.", _ADVANCED)
    ] = None,
    token_endpoint_auth_method: Annotated[
        str | None,
        _value(
            "token_endpoint_auth_method",
            "With the provider oauth2: client_secret_post, client_secret_basic or none.",
            _ADVANCED,
        ),
    ] = None,
    sandbox: Annotated[
        bool,
        typer.Option("--sandbox", help="Use the sandbox of Microsoft Advertising.", rich_help_panel=_ADVANCED),
    ] = False,
    refresh_token: Annotated[
        str | None, _value("refresh_token", f"Refresh token to import: nobody has to sign in. {_FROM_STDIN}", _ADVANCED)
    ] = None,
    kind: Annotated[
        KindName | None,
        typer.Option(
            "--format", help="Format of the configuration, if it is not recognised.", rich_help_panel=_ADVANCED
        ),
    ] = None,
    section: Annotated[
        str | None,
        typer.Option(
            "--section",
            metavar="NAME",
            help="Section, profile or document of the configuration, if it has several.",
            rich_help_panel=_ADVANCED,
        ),
    ] = None,
    without_refresh_token: Annotated[
        bool,
        typer.Option(
            "--without-refresh-token",
            help="Do not import the refresh token of the configuration: a person signs in again.",
            rich_help_panel=_ADVANCED,
        ),
    ] = False,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="KEY=VALUE", help="Tag of the secret; repeatable.", rich_help_panel=_ADVANCED),
    ] = None,
    open_it: Annotated[
        bool,
        typer.Option("--open", help="Open the connect link in a browser on this machine.", rich_help_panel=_ADVANCED),
    ] = False,
) -> None:
    """Create a credential, and print the redirect URI to register and the connect link.

    The command asks for missing values and checks them all before it writes. It encrypts the secret with the KMS key of
    the stack. Then a person with access to the account opens the connect link; an imported refresh token needs no
    sign-in. A shell keeps what you type: give secrets at the prompt, in variables or on standard input.

    The command line overrides standard input, which overrides an imported file.

    Examples:
    - `token-refresher add acme-bing-ads`
    - `token-refresher add acme-bing-ads --account-url 'https://ui.ads.microsoft.com/campaign?aid=123456789&cid=987654321'`
    - `token-refresher add acme-google-ads --provider google --scope https://www.googleapis.com/auth/adwords`
    - `token-refresher add acme-erp --provider oauth2 --issuer https://id.example.com --scope read`
    - `token-refresher add acme-bing-ads --stdin < acme.json`
    - `token-refresher add acme-bing-ads --from airbyte.json --account-id 123456789 --dry-run`
    """
    options = {
        "provider": provider,
        "client_id": client_id,
        "client_secret": client_secret,
        "tenant": tenant,
        "scope": scope,
        "developer_token": developer_token,
        "customer_id": customer_id,
        "account_id": account_id,
        "client_secret_expires_at": client_secret_expires_at,
        "authorization_endpoint": authorization_endpoint,
        "token_endpoint": token_endpoint,
        "token_endpoint_auth_method": token_endpoint_auth_method,
        "refresh_token": refresh_token,
        ACCOUNT_URL: account_url,
        ISSUER: issuer,
    }
    checked_name(name, installation.prefix)
    tags = checked_tags(tag or [])
    given = with_account(
        given_values({key: value for key, value in options.items() if value is not None}, stdin, from_file)
    )
    known = KnownProviders(installation)
    rules = _rules(known, given, sandbox=sandbox)
    imported = {}
    if from_file:
        source = Source(from_file, kind, section)
        imported = rules.without_others(
            imported_values(name, source, given, without_refresh_token=without_refresh_token)
        )
    values = {**imported, **given}
    with progress("Checking that the name is free"):
        refuse_taken(installation, name)
    if is_interactive():
        asked = for_the_sandbox(values) if sandbox else values
        values, public_client = Questions(rules).complete(asked, public=public_client)
    rules.refuse_others(values)
    values = discovered(known.public_http, values, is_public=public_client, is_local=known.is_local)
    new = NewCredential.of(name, installation.prefix, values, rules, public=public_client, sandbox=sandbox)
    _check_provider(new, known)
    _refuse_duplicates(new, installation, yes=yes or dry_run)
    link = None
    if not dry_run:
        with progress("Creating the credential"):
            # The link first: if its key cannot be read, nothing has been written.
            link = None if new.has_grant else installation.links.make(name, new.credential.consent_generation)
            arn = new.create(installation, tags)
    announce(installation, new, arn if not dry_run else None, link, output)
    if link and open_it:
        typer.launch(link)


def _rules(known: KnownProviders, given: Mapping[str, str], *, sandbox: bool) -> Rules:
    rules = RulesOf(known)(given.get("provider", DEFAULT_PROVIDER).strip())
    if sandbox and not rules.has_accounts:
        raise bad_input("The sandbox is one of Microsoft Advertising.", "Leave out --sandbox or --provider.")
    return rules


def _check_provider(new: NewCredential, known: KnownProviders) -> None:
    """Refuse a document that the functions would refuse: two values of it may contradict each other."""
    try:
        known.of(new.credential)
    except MalformedCredentialError as error:
        raise bad_input(f"The provider would refuse the credential: {error}.", "Correct that value.") from None


def _refuse_duplicates(new: NewCredential, installation: Installation, *, yes: bool) -> None:
    with progress("Checking for the same account under another name"):
        duplicates = duplicates_of(new, installation)
    if duplicates.spent_by:
        raise bad_input(
            f"{names(duplicates.spent_by)} already used this refresh token: using it again may revoke that sign-in.",
            "Leave it out (for an imported one: --without-refresh-token) and sign in with the connect link.",
        )
    if duplicates.same_grant:
        note(f"The same refresh token is in {names(duplicates.same_grant)}: each would replace it without the other.")
    if duplicates.same_account:
        note(f"The same account of the same app is connected as {names(duplicates.same_account)}.")
    if duplicates.same_grant or duplicates.same_account:
        confirm(f"Create {new.name} all the same?", yes=yes)
