"""Creates connect links for a running stack with its own signing key, which the account's root user may read."""

from datetime import timedelta

from local.stack.deployment import STACK
from local.stack.stack import LocalStack
from token_refresher.base.clock import Clock, system_clock
from token_refresher.invites.links import ConnectLinks
from token_refresher.invites.signing_keys import parse_signing_keys


def signing_secret(stack: LocalStack) -> str:
    """Return the ARN of the secret with the signing keys of a stack."""
    resource = stack.aws.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId="InviteSigningSecret"
    )
    return str(resource["StackResourceDetail"]["PhysicalResourceId"])


def connect_links(stack: LocalStack, clock: Clock = system_clock) -> ConnectLinks:
    """Return a maker of links for the credentials of a stack. They are valid for one day, by the given clock."""
    secrets = stack.aws.client("secretsmanager")
    stored = secrets.get_secret_value(SecretId=signing_secret(stack), VersionStage="AWSCURRENT")["SecretString"]
    keys = parse_signing_keys(stored)
    return ConnectLinks(lambda: keys, stack.public_url, timedelta(days=1), clock)
