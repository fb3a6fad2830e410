"""``verify``: ask the provider whether the token gives access."""

from collections.abc import Mapping
from typing import Any, Final

from token_refresher.credential.account import AccountAccess, AccountAnswer
from token_refresher.credential.document import Credential
from token_refresher_cli.commands.arguments import Name, OutputOption
from token_refresher_cli.installation.credential_reader import CredentialReader
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.known_providers import KnownProviders
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.exit_code import ExitCode
from token_refresher_cli.shell.terminal import Output, progress, say, say_json
from token_refresher_cli.views.live_token import live_token
from token_refresher_cli.views.token_check import TokenToVerify, consent_document, consented_by, verify_token

_NEEDED: Final[Mapping[str, str]] = {
    "developer_token": "which an operator gets from ads.microsoft.com",
    "account_id": "which is the number after aid= in the address bar of Microsoft Advertising",
}
"""The keys that the request needs, and where each comes from."""


def verify(installation: Installation, name: Name, output: OutputOption = Output.TABLE) -> None:
    """Ask the provider whether the token of a credential gives access; write nothing.

    Microsoft Advertising says whether the person who signed in can read the account: the command uses the access token,
    the developer token and the account id of the secret, as pipelines do. At other providers, a page that their entry
    names proves that the access token works; which data it opens is not asked. The exit code is 5 if a person has to
    act, and 1 if there was no answer.

    Examples:
    - `token-refresher verify acme-bing-ads`
    - `token-refresher verify acme-bing-ads --output json`
    """
    with progress(f"Reading {name}"):
        row = CredentialReader(installation).row(name)
    access_token = live_token(row, installation.clock())
    credential = row.current.credential
    known = KnownProviders(installation)
    if credential is not None:
        entry = known.of(credential).entry
        if not entry.has_advertising_accounts:
            verify_token(TokenToVerify(name, credential, entry, access_token), known.http_of(entry), output)
            return
    if credential is None or credential.developer_token is None or credential.account_id is None:
        raise _incomplete(name, credential)
    with progress("Asking Microsoft Advertising"):
        answer = known.ads_api.access(
            access_token,
            credential.developer_token,
            credential.account_id,
            is_sandbox=credential.is_sandbox,
            headers=entry.account_api_headers,
        )
    if output is Output.JSON:
        say_json(_document(name, credential, answer))
    else:
        _print(credential, answer)
    _end(name, answer)


def _incomplete(name: str, credential: Credential | None) -> CommandError:
    missing = [key for key in _NEEDED if getattr(credential, key, None) is None]
    what = " and ".join(f"{key}, {_NEEDED[key]}" for key in missing)
    values = " ".join(f"{key}=NUMBER" if key == "account_id" else f"{key}=-" for key in missing)
    return CommandError(
        f"{name} cannot be verified without {what}.",
        f"Add what is missing with: token-refresher set {name} {values}",
        ExitCode.PERSON_NEEDED,
    )


def _print(credential: Credential, answer: AccountAnswer) -> None:
    say(f"Consented by  {consented_by(credential)}")
    where = " of the sandbox" if credential.is_sandbox else ""
    say(f"Account       {answer.name or 'not known'} ({credential.account_id}){where}")
    if answer.access is not AccountAccess.REACHABLE:
        say(f"Access        {answer.access}")
        return
    say(f"Access        reachable; the account is {answer.status or 'of no known status'}")
    say(f"Customer      {answer.customer_id or 'not known'}{_of_customer(credential, answer)}")


def _of_customer(credential: Credential, answer: AccountAnswer) -> str:
    match _customer_fits(credential, answer):
        case None:
            return "; the secret has no customer_id" if credential.customer_id is None else ""
        case True:
            return ", as in the secret"
        case _:
            return f"; customer_id in the secret is {credential.customer_id}, which is right for an agency's own"


def _customer_fits(credential: Credential, answer: AccountAnswer) -> bool | None:
    if credential.customer_id is None or not answer.customer_id:
        return None
    return credential.customer_id == answer.customer_id


def _document(name: str, credential: Credential, answer: AccountAnswer) -> dict[str, Any]:
    """Return the answer as JSON."""
    why = answer.diagnosis
    return {
        "name": name,
        "access": str(answer.access),
        "consent": consent_document(credential),
        "account": {
            "id": credential.account_id,
            "name": answer.name or None,
            "status": answer.status or None,
            "customer_id": answer.customer_id or None,
            "sandbox": credential.is_sandbox,
        },
        "customer_id_fits": _customer_fits(credential, answer),
        "diagnosis": (
            {"code": why.code, "actor": str(why.actor), "cause": why.cause, "action": why.action} if why else None
        ),
    }


def _end(name: str, answer: AccountAnswer) -> None:
    """End the command as the answer says.

    Raises:
        CommandError: The person cannot read the account, or it is not known.
    """
    if answer.access is AccountAccess.REACHABLE:
        return
    why = answer.diagnosis
    if why is None:
        raise CommandError("Microsoft Advertising gave no answer.", "Try again.")
    if why.actor.must_act:
        raise CommandError(f"{why.cause} ({why.code})", why.action, ExitCode.PERSON_NEEDED)
    raise CommandError(
        f"It is not known whether {name} can read its account. {why.cause} ({why.code})", "Try again in a few minutes."
    )
