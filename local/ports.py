"""The ports of the local stack: loopback only, each to be chosen by an environment variable."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

HOST = "127.0.0.1"


class PortInUseError(Exception):
    """Something else listens where a part of the local stack wants to."""


@dataclass(frozen=True)
class Ports:
    """Where the parts of the local stack listen.

    Attributes:
        aws: The AWS of this machine (``AWS_PORT``).
        identity_provider: The stand-in for Microsoft (``IDENTITY_PROVIDER_PORT``).
        front_door: The connect page (``FRONT_DOOR_PORT``).
    """

    aws: int = 4566
    identity_provider: int = 8081
    front_door: int = 8080

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the ports; raises `ValueError` with the name of a variable that is no port."""

        def port(variable: str, default: int) -> int:
            value = environment.get(variable) or str(default)
            if not value.isdecimal() or not 0 < int(value) < 1 << 16:
                raise ValueError(f"{variable} must be a port from 1 to 65535, and is {value!r}")
            return int(value)

        return cls(
            aws=port("AWS_PORT", cls.aws),
            identity_provider=port("IDENTITY_PROVIDER_PORT", cls.identity_provider),
            front_door=port("FRONT_DOOR_PORT", cls.front_door),
        )

    @classmethod
    def free(cls) -> Self:
        """Return three ports that nobody listens on, for tests beside a running stack."""
        sockets = [socket.create_server((HOST, 0)) for _ in range(3)]
        numbers = [listener.getsockname()[1] for listener in sockets]
        for listener in sockets:
            listener.close()
        return cls(*numbers)

    def check_free(self) -> None:
        """Refuse to start beside something else.

        Raises:
            PortInUseError: Names the port, and the variable that chooses another.
        """
        wanted = {
            "AWS_PORT": self.aws,
            "IDENTITY_PROVIDER_PORT": self.identity_provider,
            "FRONT_DOOR_PORT": self.front_door,
        }
        for variable, port in wanted.items():
            try:
                socket.create_server((HOST, port)).close()
            except OSError:
                raise PortInUseError(
                    f"Port {port} is in use. Stop what listens there (make down ends a stack of make up),"
                    f" or choose another: {variable}={port + 1000} make ..."
                ) from None


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
