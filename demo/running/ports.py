"""Whether the demo's ports are free, asked before anything starts."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from makersync.errors import OperatorError

HOST = "127.0.0.1"


class PortInUse(OperatorError):
    """Something else listens where the demo wants to; the message says on which option to turn."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port, what it is for, and the option that chooses another."""

    number: int
    purpose: str
    option: str


def demand_free(ports: Mapping[str, Port]) -> None:
    """Raises PortInUse with everything that is wrong with the ports, each listed once."""
    complaints = [complaint for port in ports.values() if (complaint := _complaint(port, ports))]
    if complaints:
        raise PortInUse("\n".join(complaints))


def _complaint(port: Port, ports: Mapping[str, Port]) -> str | None:
    other = next((one for one in ports.values() if one.number == port.number and one is not port), None)
    if other is not None:
        return f"Port {port.number} cannot be both for {port.purpose} and for {other.purpose}: change {port.option}."
    if reason := _why_taken(port.number):
        return (
            f"Port {port.number} on {HOST}, for {port.purpose}, is in use ({reason}). "
            f"End the program that holds it, or choose another port: {port.option} {_another(port.number, ports)}"
        )
    return None


def _why_taken(number: int) -> str | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
        except OSError as error:
            return error.strerror or str(error)
    return None


def _another(number: int, ports: Mapping[str, Port]) -> int:
    """A free port nearby to propose."""
    wanted = {port.number for port in ports.values()}
    nearby = (candidate for candidate in range(number + 10, 65536, 10) if candidate not in wanted)
    return next((candidate for candidate in nearby if _why_taken(candidate) is None), number)
