"""What a scene can use: a person with a browser, and an operator with the permissions of the account's root user."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from local.story.links import connect_links
from tests.browser.visitor import Tab
from tests.flows.household import Held, Household
from token_refresher.base.clock import system_clock, to_rfc3339


@dataclass(frozen=True)
class Stage:
    """The person, the operator and the credential of a scene.

    Attributes:
        household: The operator, and the stack.
        held: The credential of the scene.
        tab: A tab of the person's browser.
        open_another_browser: Opens a tab in another browser.
    """

    household: Household
    held: Held
    tab: Tab
    open_another_browser: Callable[[], Tab]

    @property
    def link(self) -> str:
        """The link of the alert."""
        return self.household.link(self.held.name)

    @property
    def callback(self) -> str:
        """The address that Microsoft sends browsers back to."""
        return self.household.stack.outputs["CallbackUrl"]

    def link_of_last_month(self) -> str:
        """Return a link for the same consent that has expired."""
        past = system_clock() - timedelta(days=30)
        return connect_links(self.household.stack, lambda: past).make(self.held.name, consent_generation="")

    def withdraw_links(self) -> None:
        """Withdraw all links that have been sent."""
        later = system_clock() + timedelta(seconds=1)
        self.household.edit(self.held, invites_valid_from=to_rfc3339(later))

    @contextmanager
    def denied(self, *actions: str) -> Iterator[None]:
        """Let AWS deny some actions to the callback function for a while.

        This is faster than a proxy. tests/faults tests a consent with other kinds of failures.
        """
        stack = self.household.stack
        function = stack.outputs["CallbackFunctionName"]
        arn = stack.aws.client("lambda").get_function_configuration(FunctionName=function)["Role"]
        iam, role = stack.aws.client("iam"), arn.rsplit("/", 1)[-1]
        denial = {"Effect": "Deny", "Action": list(actions), "Resource": "*"}
        policy = {"RoleName": role, "PolicyName": "outage"}
        iam.put_role_policy(**policy, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [denial]}))
        try:
            yield
        finally:
            iam.delete_role_policy(**policy)
