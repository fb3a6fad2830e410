"""``rotate-private-key``: give a credential another private key and certificate, and take them back if they fail."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from token_refresher.base.errors import MalformedCredentialError
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.providers.client_assertion import ClientAssertions, certificate_of
from token_refresher.registry.outcome import Result
from token_refresher_cli.changes.refresh_answer import RefreshAnswer
from token_refresher_cli.changes.refresh_request import NoAnswerError, Timeout
from token_refresher_cli.changes.registry_edit import is_paused
from token_refresher_cli.changes.secret_edit import SecretEdit
from token_refresher_cli.commands.arguments import Name
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.shell.exit_code import ExitCode
from token_refresher_cli.shell.terminal import progress, say

_KEYS: Final = ("private_key", "private_key_kms_key_id", "certificate")


def rotate_private_key(
    installation: Installation,
    name: Name,
    *,
    private_key: Annotated[
        Path | None, typer.Option("--private-key", metavar="FILE", help="The file of the new private key, in PEM.")
    ] = None,
    kms_key_id: Annotated[
        str | None, typer.Option("--kms-key-id", metavar="ARN", help="A key of KMS that signs instead.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="The file of its certificate, in PEM.")
    ] = None,
    timeout: Timeout = 120,
) -> None:
    """Replace the private key with which a client proves who it is, and its certificate: a refresh checks them.

    First add the new certificate to the app registration, beside the old one. If the provider refuses the new key, the
    old one is put back. A client secret may stay in the document: the key goes before it.

    Examples:
    - `token-refresher rotate-private-key acme-bing-ads --private-key new.key --certificate new.pem`
    - `token-refresher rotate-private-key acme-bing-ads --kms-key-id arn:aws:kms:eu-west-1:111122223333:key/1a2b`
    """
    if (private_key is None) == (kms_key_id is None):
        raise bad_input("Give either a private key or a key of KMS.", "Add --private-key FILE, or --kms-key-id ARN.")
    new = {
        "private_key": _text(private_key),
        "private_key_kms_key_id": kms_key_id,
        "certificate": _text(certificate),
    }
    state, version = Credentials(installation).current(name)
    _check(installation, version.credential, new)
    if is_paused(state, installation.registry.get(name)) or version.credential.refresh_token is None:
        raise CommandError(
            f"The new key cannot be checked: {name} is paused, or nobody has signed in. Nothing was written.",
            "Fix that first.",
        )
    old = _written(installation, name, new)
    say(_checked(installation, name, new, old, timeout))


def _text(path: Path | None) -> str | None:
    try:
        return path.read_text("ascii").strip() if path else None
    except (OSError, UnicodeDecodeError):
        raise bad_input(f"{path} cannot be read as a file in PEM.", "Give the path of the file.") from None


def _check(installation: Installation, credential: Credential, new: Mapping[str, str | None]) -> None:
    """Refuse a key or a certificate that no provider could take, before anything is written."""
    key = new["private_key"]
    edited = replace(credential, private_key=Sensitive(key) if key else None, certificate=new["certificate"])
    try:
        if edited.private_key is not None:
            ClientAssertions(installation.clock).make(edited, "https://example.com/token")
        elif edited.certificate is not None:
            certificate_of(edited.certificate)
    except MalformedCredentialError as error:
        step = "Give the files of one key and of its certificate."
        raise bad_input(f"The {error.field} {error.problem}.", step) from None


def _written(installation: Installation, name: str, new: Mapping[str, str | None]) -> Mapping[str, Any]:
    """Write the new values; return the old ones."""
    old: dict[str, Any] = {}

    def change(document: Mapping[str, Any]) -> Mapping[str, Any]:
        old.update({key: document.get(key) for key in _KEYS})
        return new

    with progress(f"Writing {name}"):
        SecretEdit(installation).apply(name, change)
    return old


def _checked(
    installation: Installation, name: str, new: Mapping[str, str | None], old: Mapping[str, Any], timeout: int
) -> str:
    """Refresh the credential, and put the old key back if that needs a person now.

    Raises:
        CommandError: The new key does not work, and the old one is back; or that is not known yet.
    """
    try:
        answer = RefreshAnswer.requested(installation, Credentials(installation).state(name), timeout)
    except NoAnswerError as error:
        raise _undecided(name, error.message, error.next_step) from None
    if answer.answer.outcome.result is Result.REFRESHED:
        return f"{answer.message} {answer.provider} accepts the new key."
    if answer.answer.outcome.result is not Result.NEEDS_A_PERSON:
        raise _undecided(name, answer.message, answer.next_step)

    def back(document: Mapping[str, Any]) -> Mapping[str, Any]:
        return old if {key: document.get(key) for key in _KEYS} == dict(new) else {}

    with progress(f"Writing {name}"):
        SecretEdit(installation).apply(name, back)
    raise CommandError(
        f"The new key of {name} does not work. {answer.message} The old one is back in its place.",
        "Check that the app registration has the new certificate. Then run the command again.",
        ExitCode.PERSON_NEEDED,
    )


def _undecided(name: str, message: str, step: str) -> CommandError:
    return CommandError(
        f"It is not known yet whether the new key of {name} works. {message} It stays, and pipelines keep their token"
        " until it ends.",
        f"{step} To check it: token-refresher refresh {name}. An earlier version of the secret has the old key.",
    )
