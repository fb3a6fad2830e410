"""Connect links of a running stack, signed with its own key: the account's owner may read that."""

from datetime import timedelta

from local.deployment import STACK
from local.stack import LocalStack
from token_refresher.clock import Clock, system_clock
from token_refresher.connect_link import ConnectLinks
from token_refresher.signing_keys import parse_signing_keys


def signing_secret(stack: LocalStack) -> str:
    """Return the ARN of the secret with the keys that sign the links of a stack."""
    resource = stack.aws.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId="InviteSigningSecret"
    )
    return str(resource["StackResourceDetail"]["PhysicalResourceId"])


def connect_links(stack: LocalStack, clock: Clock = system_clock) -> ConnectLinks:
    """Return what makes links of a day for the credentials of a stack, in the name of a clock."""
    secrets = stack.aws.client("secretsmanager")
    stored = secrets.get_secret_value(SecretId=signing_secret(stack), VersionStage="AWSCURRENT")["SecretString"]
    keys = parse_signing_keys(stored)
    return ConnectLinks(lambda: keys, stack.public_url, timedelta(days=1), clock)
