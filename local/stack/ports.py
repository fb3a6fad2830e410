"""The ports of the local stack, on loopback only. An environment variable can change each of them."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

HOST = "127.0.0.1"


class PortInUseError(Exception):
    """Another process listens on a port that the local stack needs."""


@dataclass(frozen=True)
class Ports:
    """The ports of the parts of the local stack.

    Attributes:
        aws: The local AWS (``AWS_PORT``).
        identity_provider: The stand-in for Microsoft (``IDENTITY_PROVIDER_PORT``).
        front_door: The connect page (``FRONT_DOOR_PORT``).
    """

    aws: int = 4566
    identity_provider: int = 8081
    front_door: int = 8080

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the ports; raise `ValueError` with the name of a variable whose value is not a port."""

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
        """Return three unused ports, for tests beside a running stack."""
        sockets = [socket.create_server((HOST, 0)) for _ in range(3)]
        numbers = [listener.getsockname()[1] for listener in sockets]
        for listener in sockets:
            listener.close()
        return cls(*numbers)

    def check_free(self) -> None:
        """Check that nothing listens on the ports.

        Raises:
            PortInUseError: Something does; the message names the port, and the variable that changes it.
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
    """Return an unused port."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
