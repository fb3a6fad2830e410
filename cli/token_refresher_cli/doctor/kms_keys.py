"""The KMS keys that encrypt the secrets: can the functions use them, and is a former key still needed."""

from collections.abc import Iterator, Mapping
from typing import Final

from token_refresher_cli.doctor.check import Check
from token_refresher_cli.doctor.context import CheckContext
from token_refresher_cli.doctor.finding import Finding, ok, problem, warning
from token_refresher_cli.installation.kms_keys import UsableKeys, key_of

PROCEDURE: Final = "docs/deploy.md#change-or-remove-the-key"
SIGNING: Final = "the secret that signs links"


def key_findings(keys: UsableKeys, held: Mapping[str, str], signing: str | None) -> Iterator[Finding]:
    """Judge the keys.

    Args:
        keys: The keys that the functions may use.
        held: The key of each credential's secret, by name; empty for the key that AWS manages.
        signing: The key of the secret that signs links; ``None`` if that secret is missing.
    """
    for name, key in sorted(held.items()):
        yield from _judged(keys, name, key, name)
    if signing is not None:
        yield from _judged(keys, SIGNING, signing, "")
    yield ok("Every secret is encrypted with a key that the functions may use.")


def _judged(keys: UsableKeys, what: str, key: str, credential: str) -> Iterator[Finding]:
    if key in keys.former and key != keys.current:
        yield warning(f"{what} is still encrypted with the former key {key}.", PROCEDURE, credential)
    elif key and key != keys.current:
        yield problem(
            f"{what} is encrypted with the key {key}, which neither KmsKeyArn nor FormerKmsKeyArns names: unless the"
            " policy of that key names the roles of the functions, they can neither read nor write it.",
            PROCEDURE,
            credential,
        )


def _run(context: CheckContext) -> Iterator[Finding]:
    installation = context.installation
    kms = installation.client("kms")
    # KMS is asked once about a key, however many secrets it encrypts.
    keys = {named: key_of(named, kms) for named in {secret.kms_key_id for secret in context.secrets}}
    held = {secret.name: keys[secret.kms_key_id] for secret in context.secrets}
    signing = installation.secrets.find_listed(installation.environment["INVITE_SECRET_ARN"])
    yield from key_findings(
        UsableKeys.of(installation.parameters), held, None if signing is None else key_of(signing.kms_key_id, kms)
    )


KEYS: Final = Check(
    "kms-keys",
    "Every secret is encrypted with a KMS key that the functions may use, and none with a former one.",
    ("secretsmanager:ListSecrets", "kms:DescribeKey"),
    _run,
)
