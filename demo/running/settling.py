"""Waits until every event has been consumed."""

import asyncio
import time
from collections.abc import Callable

from demo.client.service_clients import ServiceClients
from demo.showing.figures import read_backlog
from makersync.errors import OperatorError

#: Events flow from the services to matching and back: whatever left one service before it was asked is seen by the next.
_ORDER = ("openings", "learners", "matching", "openings", "learners")
_ROUNDS = 2
_POLL_S = 0.3
STUCK_S = 180.0


class Stuck(OperatorError):
    """Events wait, and their number has not changed for minutes."""


async def settle(clients: ServiceClients, report: Callable[[int], None]) -> None:
    """Return once nothing waits anywhere; `report` gets the number of events that wait.

    Raises Stuck, and OperatorError when halted.
    """
    quiet, waiting, since = 0, -1, time.monotonic()
    while quiet < _ROUNDS:
        now_waiting, all_connected = await _waiting(clients)
        quiet = quiet + 1 if all_connected and now_waiting == 0 else 0
        if now_waiting != waiting or quiet:
            waiting, since = now_waiting, time.monotonic()
            report(waiting)
        if time.monotonic() - since > STUCK_S:
            raise Stuck(f"{waiting} events wait, and their number has not changed for {STUCK_S:g} s; see the services' logs.")
        await asyncio.sleep(_POLL_S)


async def _waiting(clients: ServiceClients) -> tuple[int, bool]:
    backlogs = [await read_backlog(clients, service) for service in _ORDER]
    waiting = sum(backlog.unpublished + backlog.lag for backlog in backlogs[:3])
    late = sum(backlog.unpublished + backlog.lag for backlog in backlogs[3:])
    return max(waiting, late), all(backlog.connected for backlog in backlogs)
