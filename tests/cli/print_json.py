"""``python -m tests.cli.print_json``: the JSON of every command, as this process encodes it, and a null byte behind."""

import sys

import boto3
import pytest
import responses
from moto import mock_aws

from tests.cli.desk import Desk
from tests.cli.everything import as_json, furnish
from token_refresher_cli.main import main


def print_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print on standard output what each command prints for programs."""
    for words in as_json().values():
        monkeypatch.setattr(sys, "argv", ["token-refresher", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code in {0, 10}, words
        sys.stdout.flush()
        sys.stdout.buffer.write(b"\0")


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as patch, mock_aws(), responses.RequestsMock() as api:
        api.add_passthru("https://sts.amazonaws.com")
        furnish(Desk.set_up(boto3.Session("testing", "testing", region_name="us-east-1"), patch), patch, api)
        print_all(patch)
