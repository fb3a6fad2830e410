"""Clients of the local AWS, with the permissions of the account's root user."""

from typing import Any

import boto3

from local.stack.toolchain import REGION


class LocalAws:
    """Creates boto3 clients for the AWS that listens on a port of this machine."""

    def __init__(self, port: int) -> None:
        self._session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
        self._endpoint = f"http://localhost:{port}"

    def client(self, service: str) -> Any:
        """Return the client of a service."""
        return self._session.client(service, endpoint_url=self._endpoint)  # type: ignore[call-overload] # Any service.

    def table(self, name: str) -> Any:
        """Return a DynamoDB table."""
        return self._session.resource("dynamodb", endpoint_url=self._endpoint).Table(name)
