"""What a provider says about an access token, where nobody knows the account that it is for."""

from dataclasses import dataclass
from typing import Any

from token_refresher.base.clock import readable_time, to_rfc3339
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.account import AccountAccess
from token_refresher.credential.document import Credential
from token_refresher.providers.access_check import TokenAnswer, check_access
from token_refresher.providers.catalogue.entry import ProviderEntry
from token_refresher.providers.http import HttpClient
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.exit_code import ExitCode
from token_refresher_cli.shell.terminal import Output, progress, say, say_json


@dataclass(frozen=True)
class TokenToVerify:
    """An access token of a credential.

    Attributes:
        name: The name of the credential.
        credential: Its document.
        entry: The entry of its provider.
        access_token: The token, which has not ended.
    """

    name: str
    credential: Credential
    entry: ProviderEntry
    access_token: Sensitive


def verify_token(token: TokenToVerify, http: HttpClient, output: Output) -> None:
    """Ask the provider whether an access token works, if its entry says how, and print what that proves.

    Raises:
        CommandError: The provider refuses the token, or gave no answer.
    """
    entry, answer = token.entry, None
    if entry.access_check_url:
        with progress(f"Asking {entry.words.provider}"):
            answer = check_access(http, entry.access_check_url, token.access_token)
    if output is Output.JSON:
        say_json(_document(token, answer))
    else:
        _print(token, answer)
    if answer is not None:
        _end(token, answer)


def consented_by(credential: Credential) -> str:
    """Say who consented, and when."""
    identity = credential.identity
    if identity is None:
        return "not known"
    person = (identity.username or identity.person) if identity.is_known else "somebody whom the provider does not name"
    return f"{person}, {readable_time(identity.consented_at)}"


def consent_document(credential: Credential) -> dict[str, str | None] | None:
    """Return who consented, and when, as JSON."""
    identity = credential.identity
    return {"username": identity.username, "at": to_rfc3339(identity.consented_at)} if identity else None


def _print(token: TokenToVerify, answer: TokenAnswer | None) -> None:
    words = token.entry.words
    say(f"Provider      {token.entry.name}")
    say(f"Consented by  {consented_by(token.credential)}")
    if answer is None:
        say(f"Access        not asked: no page is known that every token of {words.provider} opens")
        return
    say(f"Asked         {token.entry.access_check_url}")
    if answer.access is AccountAccess.REACHABLE:
        say(f"Access        the token works at {words.provider}; which data it opens was not asked")
    else:
        say(f"Access        {answer.access}")


def _document(token: TokenToVerify, answer: TokenAnswer | None) -> dict[str, Any]:
    return {
        "name": token.name,
        "provider": token.entry.name,
        "access": str(answer.access if answer else AccountAccess.UNVERIFIED),
        "consent": consent_document(token.credential),
        "asked": token.entry.access_check_url or None,
        "http_status": answer.status if answer else None,
    }


def _end(token: TokenToVerify, answer: TokenAnswer) -> None:
    provider = token.entry.words.provider
    if answer.access is AccountAccess.REFUSED:
        raise CommandError(
            f"{provider} refuses the access token (HTTP status {answer.status}), though it has not ended.",
            f"Refresh it: token-refresher refresh {token.name}. If that does not help, a person signs in again:"
            f" token-refresher link {token.name}",
            ExitCode.PERSON_NEEDED,
        )
    if answer.access is AccountAccess.UNVERIFIED:
        said = f"answered with HTTP status {answer.status}" if answer.status else "gave no answer"
        raise CommandError(
            f"It is not known whether the token works: {token.entry.access_check_url} {said}.",
            "Try again in a few minutes.",
        )
