"""Runs a session until it ends, the user ends it, or a part of it cannot be kept alive; and stops everything in order."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from enum import Enum, auto

from demo.client.service_clients import RefusedByService
from demo.market.generated_market import GeneratedMarket
from demo.market.past import write_past
from demo.running.session import RunOptions, Session
from demo.running.stack import Stack
from demo.running.state_folder import claimed
from demo.running.supervisor import Supervisor
from demo.showing.reporting import Reporter
from makersync.clock import Clock
from makersync.errors import OperatorError

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RunEnding(Enum):
    """How a run ended."""

    DONE = auto()
    STOPPED = auto()


async def run(options: RunOptions, market: GeneratedMarket, reporter: Reporter, clock: Clock) -> RunEnding:
    """Raises OperatorError, with everything stopped: a port in use, a folder that is not ours, a part that keeps failing."""
    await Stack.check(options.layout)
    stop = _stop_signal()
    with claimed(options.layout.folder):
        async with Supervisor(reporter.say) as supervisor:
            stack = Stack(options.layout, supervisor, write_past(market, options.layout.folder))
            session = Session(options, market, reporter, clock)
            try:
                return await _until(stop, session.run(stack), supervisor)
            finally:
                reporter.say("Stopping: the services first, then the broker ...")
                await stack.stop()
                reporter.say("Everything has stopped.")


async def _until(stop: asyncio.Event, work: Coroutine[None, None, None], supervisor: Supervisor) -> RunEnding:
    working = asyncio.create_task(work)
    failing = asyncio.create_task(supervisor.failed())
    stopping = asyncio.create_task(stop.wait())
    tasks = (working, failing, stopping)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        finished = {task for task in tasks if task.done()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if failing in finished:
        raise failing.result()
    if working in finished:
        _demand_success(working)
        return RunEnding.DONE
    return RunEnding.STOPPED


def _demand_success(working: asyncio.Task[None]) -> None:
    """Raise what failed first, in words for the user where they are known."""
    error = working.exception()
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, RefusedByService):
        raise OperatorError(f"A service refused what the demo asked of it: {error}") from error
    if error is not None:
        raise error


def _stop_signal() -> asyncio.Event:
    """Set by Ctrl-C, by SIGTERM, and when the terminal is closed. A second Ctrl-C is Python's own: it ends at once."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def heard() -> None:
        stop.set()
        for number in _STOP_SIGNALS:
            loop.remove_signal_handler(number)
        with suppress(ValueError):
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, heard)
    return stop
