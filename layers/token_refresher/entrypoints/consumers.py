"""What refresh and callback share to give consumers their tokens."""

from token_refresher.aws.consumer_secrets import SecretsManagerConsumerSecrets
from token_refresher.entrypoints.clients import ONCE, secrets_manager
from token_refresher.entrypoints.settings import Settings
from token_refresher.registry.publishing import Publishing
from token_refresher.rotation.publisher import Publisher


def publishing(settings: Settings) -> Publishing:
    """Return what publishes the secrets for consumers. It is tried once: the next attempt publishes."""
    secrets = SecretsManagerConsumerSecrets(secrets_manager(ONCE), settings.kms_key_arn)
    return Publishing(Publisher(secrets), settings.consumer_prefix, settings.secret_prefix)
