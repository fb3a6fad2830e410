"""AWS Systems Manager Parameter Store as the place of the providers that a team adds to the catalogue."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from token_refresher.aws.errors import translated, unavailable

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


def own_entries(client: "SSMClient", path: str) -> Callable[[str], tuple[str, str] | None]:
    """Return a function that reads an entry by its name, from the parameter ``{path}/{name}``.

    It returns the text and the name of the parameter, or ``None`` if there is no such parameter, and raises
    `ServiceUnavailableError` if Parameter Store does not say.

    Args:
        client: The client of Systems Manager.
        path: The path of the parameters; empty if the stack has none.
    """

    def read(name: str) -> tuple[str, str] | None:
        parameter = f"{path}/{name}"
        if not path:
            return None
        try:
            with translated("ssm"):
                return client.get_parameter(Name=parameter)["Parameter"]["Value"], parameter
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterNotFound":
                return None
            raise unavailable("ssm", error) from error

    return read
