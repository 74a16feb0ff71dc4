"""A port in use is named before anything starts, with what to do."""

import socket
from collections.abc import Iterator

import pytest

from demo.running.ports import Port, PortInUse, demand_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


@pytest.fixture
def free() -> int:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        return int(holder.getsockname()[1])


def test_free_ports_are_fine(free: int) -> None:
    demand_free({"openings": Port(free, "the openings service", "--openings-port")})


def test_a_port_in_use_is_named_with_the_option_that_changes_it(taken: int, free: int) -> None:
    ports = {
        "openings": Port(free, "the openings service", "--openings-port"),
        "broker": Port(taken, "the broker", "--broker-port"),
    }
    with pytest.raises(PortInUse, match=rf"Port {taken} on 127\.0\.0\.1, for the broker, is in use .*--broker-port \d+$"):
        demand_free(ports)


def test_every_port_in_use_is_named_at_once(taken: int) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        other = holder.getsockname()[1]
        ports = {"a": Port(taken, "one", "--one"), "b": Port(other, "the other", "--other")}
        with pytest.raises(PortInUse) as refused:
            demand_free(ports)
    assert len(str(refused.value).splitlines()) == 2


def test_one_port_is_not_for_two(free: int) -> None:
    ports = {"a": Port(free, "the openings service", "--one"), "b": Port(free, "the broker", "--other")}
    with pytest.raises(PortInUse, match=r"cannot be both for the openings service and for the broker: change --one"):
        demand_free(ports)
