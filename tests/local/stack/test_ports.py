import socket

import pytest

from local.stack.ports import HOST, PortInUseError, Ports


def test_a_port_in_use_is_named_with_the_variable_that_changes_it() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUseError, match=rf"Port {port} is in use.*FRONT_DOOR_PORT=\d+ make"):
            Ports(*[*_others(), port]).check_free()


def test_free_ports_are_free_and_different() -> None:
    ports = Ports.free()
    ports.check_free()
    assert len({ports.aws, ports.identity_provider, ports.front_door}) == 3


@pytest.mark.parametrize("value", ["abc", "0", "65536", "-1", "8080.5"])
def test_a_variable_whose_value_is_not_a_port_is_named(value: str) -> None:
    with pytest.raises(ValueError, match="AWS_PORT must be a port from 1 to 65535"):
        Ports.from_environment({"AWS_PORT": value})


def test_variables_change_ports_and_empty_ones_do_not() -> None:
    ports = Ports.from_environment({"AWS_PORT": "5566", "FRONT_DOOR_PORT": ""})
    assert (ports.aws, ports.front_door) == (5566, Ports.front_door)


def _others() -> tuple[int, int]:
    free = Ports.free()
    return free.aws, free.identity_provider
