"""Connect links of a running stack, signed with its own key: the account's owner may read that."""

from datetime import timedelta

from local.deployment import STACK
from local.stack import LocalStack
from token_refresher.clock import Clock, system_clock
from token_refresher.connect_link import ConnectLinks
from token_refresher.signing_keys import parse_signing_keys


def connect_links(stack: LocalStack, clock: Clock = system_clock) -> ConnectLinks:
    """Return what makes links of a day for the credentials of a stack, in the name of a clock."""
    resource = stack.aws.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId="InviteSigningSecret"
    )
    secret_id = resource["StackResourceDetail"]["PhysicalResourceId"]
    secrets = stack.aws.client("secretsmanager")
    keys = parse_signing_keys(secrets.get_secret_value(SecretId=secret_id, VersionStage="AWSCURRENT")["SecretString"])
    return ConnectLinks(lambda: keys, stack.public_url, timedelta(days=1), clock)
