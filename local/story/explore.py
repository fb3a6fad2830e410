"""What ``make up`` offers: a credential to try things with, and a guide to the stack."""

import time
from typing import NoReturn

from rich.console import Console
from rich.text import Text

from local.stack.stack import LocalStack
from local.story.alerts import AlertInbox
from local.story.application import ACCOUNT_ID, Application, put_secret
from local.story.links import connect_links

NAME = "explore"
CLIENT_ID = "11111111-2222-4333-8444-555555555555"
TOKEN_LIFETIME_SECONDS = 300


def prepare(stack: LocalStack) -> None:
    """Create a credential for the local identity provider. For the real Microsoft, the operator adds their own."""
    if not _is_local(stack):
        return
    application = Application.register(stack, client_id=CLIENT_ID, access_token_lifetime_seconds=TOKEN_LIFETIME_SECONDS)
    document = application.document(developer_token="local-developer-token", account_id=ACCOUNT_ID)
    put_secret(stack, NAME, document)


def watch(stack: LocalStack, console: Console) -> NoReturn:
    """Print every alert as it comes, until the user stops the process."""
    inbox = AlertInbox(stack.aws, stack.outputs["AlertTopicArn"], "explore-alerts")
    printed = 0
    while True:
        inbox.collect()
        for alert in inbox.received[printed:]:
            console.print(Text.assemble((alert["event"], "bold"), f" {alert['at']} {alert['summary']}"))
            for line in (alert["cause"], alert["action"], alert["connect_url"]):
                if line:
                    console.print(f"  {line}", soft_wrap=True)
        printed = len(inbox.received)
        time.sleep(2)


def _revocation(stack: LocalStack) -> str:
    url = f"{stack.identity_provider.url}/_control/apps/{CLIENT_ID}/revoke"
    return f"curl -X POST {url} -H 'Content-Type: application/json' -d '{{}}'"


def _is_local(stack: LocalStack) -> bool:
    return stack.parameters["AuthorityUrl"] == stack.identity_provider.url


def guide(stack: LocalStack) -> str:
    """Return the guide: the addresses of the stack, and commands to try."""
    endpoint = f"http://localhost:{stack.ports.aws}"
    shell = (
        f"export AWS_ENDPOINT_URL={endpoint} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"
        " AWS_DEFAULT_REGION=us-east-1"
    )
    lines = [
        "",
        "The stack is up, and ticks once a minute. Ctrl-C or make down stops it.",
        "",
        f"  Health          {stack.public_url}/health",
        f"  Redirect URI    {stack.outputs['CallbackUrl']}",
        f"  Alerts          {stack.outputs['AlertTopicArn']}",
        f"  Registry        {stack.outputs['CredentialsTableName']}",
        f"  Logs            {stack.logs}",
        "",
        f"  For the AWS CLI and the command: {shell}",
        "  The command     .venv/bin/token-refresher list, doctor, add NAME, --help",
        "",
    ]
    if not _is_local(stack):
        return "\n".join(
            [
                *lines,
                f"Tokens come from {stack.parameters['AuthorityUrl']}. Register the redirect URI, then:",
                "  .venv/bin/token-refresher add NAME",
                "It prints the connect link. Alerts are printed here as they come.",
                "",
            ]
        )
    secret_id = f"{stack.prefix}/{NAME}"
    return "\n".join(
        [
            *lines,
            f"  Connect         {connect_links(stack).make(NAME, consent_generation='')}",
            f"  Read the token  aws secretsmanager get-secret-value --secret-id {secret_id}",
            f"  Revoke it       {_revocation(stack)}",
            "",
            "Alerts are printed here as they come.",
            "",
        ]
    )
