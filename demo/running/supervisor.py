"""Runs programs as child processes: restarts what ends by itself, stops in order, and leaves nothing behind."""

import asyncio
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from demo.running import parent_watch
from makersync.errors import OperatorError

Recovery = Callable[[], Awaitable[None]]
_LAST_LINES = 6
_LAST_BYTES = 8192


class ProgramFailed(OperatorError):
    """A program ended with an error, or too often; the message has its last words and the name of its log."""


@dataclass(frozen=True, slots=True)
class Program:
    """`command` begins with an absolute path; `environment` is the whole environment."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log_file: Path


@dataclass(frozen=True, slots=True)
class Patience:
    """`restarts` within `window_s` seconds are made, one more is too many; `grace_s` lies between SIGTERM and SIGKILL."""

    restarts: int = 5
    window_s: float = 60.0
    pause_s: float = 0.3
    grace_s: float = 15.0


@dataclass(slots=True)
class _Child:
    program: Program
    process: asyncio.subprocess.Process
    recovery: Recovery | None
    restarts: deque[float] = field(default_factory=deque)
    spawning: asyncio.Lock = field(default_factory=asyncio.Lock)
    watcher: asyncio.Task[None] | None = None


class Supervisor:
    """The programs of one run. Use it as a context: at its end every child has ended, the youngest first.

    `say` is called with a sentence on whatever happens without a call, such as a restart. Must live in the thread that runs the
    loop: Linux ends the children with the thread that started them.
    """

    def __init__(self, say: Callable[[str], None], patience: Patience | None = None) -> None:
        self._say = say
        self._patience = patience or Patience()
        self._children: dict[str, _Child] = {}
        self._given_up: asyncio.Future[ProgramFailed] | None = None

    async def __aenter__(self) -> "Supervisor":
        self._given_up = asyncio.get_running_loop().create_future()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in reversed(list(self._children)):
            await self.stop(name)

    async def run(self, program: Program, deadline_s: float) -> None:
        """Run a program to its end. Raises ProgramFailed unless it ends with status 0 in time."""
        process = await _spawn(program)
        try:
            async with asyncio.timeout(deadline_s):
                await process.wait()
        except TimeoutError:
            raise ProgramFailed(_last_words(program, f"was not done after {deadline_s:g} s")) from None
        finally:
            await _end(process, 0)
        if process.returncode != 0:
            raise ProgramFailed(_last_words(program, f"failed with {_status(process.returncode)}"))

    async def start(self, program: Program, recovery: Recovery | None = None) -> None:
        """Keep a program running until it is stopped; `recovery` is awaited after each restart."""
        if program.name in self._children:
            raise ValueError(f"{program.name} runs already")
        child = _Child(program, await _spawn(program), recovery)
        self._children[program.name] = child
        child.watcher = asyncio.create_task(self._watch(child))

    async def failed(self) -> ProgramFailed:
        """Wait until a program ends too often to be started again; returns what to tell the user."""
        assert self._given_up is not None, "use the supervisor as a context"
        return await asyncio.shield(self._given_up)

    def pid(self, name: str) -> int:
        return self._children[name].process.pid

    def restarts(self, name: str) -> int:
        """How often it was started again within the window."""
        return len(self._children[name].restarts)

    def kill(self, name: str) -> None:
        """As a crash would: it is started again."""
        _signal(self._children[name].process, signal.SIGKILL)

    def pause(self, name: str) -> None:
        """As a machine that stalls would, until `resume`."""
        _signal(self._children[name].process, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        _signal(self._children[name].process, signal.SIGCONT)

    async def stop(self, *names: str) -> None:
        """Stop programs at the same time: SIGTERM, and SIGKILL past the grace. Those that do not run are left out."""
        children = [self._children.pop(name) for name in names if name in self._children]
        await asyncio.gather(*(self._stop(child) for child in children))

    async def _stop(self, child: _Child) -> None:
        async with child.spawning:  # else a process that is just being started would be nobody's
            await _cancel(child.watcher)
        if not await _end(child.process, self._patience.grace_s):
            self._say(f"{child.program.name} did not end within {self._patience.grace_s:g} s and was killed.")

    async def _watch(self, child: _Child) -> None:
        """Start the program again whenever it ends, until it does so too often."""
        while True:
            status = _status(await child.process.wait())
            if not self._may_restart(child):
                self._give_up(child, status)
                return
            self._say(f"{child.program.name} ended by itself with {status}; it is started again.")
            await asyncio.sleep(self._patience.pause_s)
            async with child.spawning:
                child.process = await _spawn(child.program)
            await self._recover(child)

    async def _recover(self, child: _Child) -> None:
        """What must be done again after a restart; where that fails, the program is no use and ends once more. Where it ends
        in the middle, recovery is given up, and begins again after the next start."""
        if child.recovery is None:
            return
        recovering = asyncio.ensure_future(child.recovery())
        ended = asyncio.create_task(child.process.wait())
        try:
            await asyncio.wait({recovering, ended}, return_when=asyncio.FIRST_COMPLETED)
            if recovering.done():
                recovering.result()
        except Exception as error:  # noqa: BLE001 - whatever failed, another restart is the remedy, and they are counted
            self._say(f"{child.program.name} did not recover: {error}")
            _signal(child.process, signal.SIGKILL)
        finally:
            recovering.cancel()
            ended.cancel()
            await asyncio.gather(recovering, ended, return_exceptions=True)

    def _may_restart(self, child: _Child) -> bool:
        now = time.monotonic()
        while child.restarts and now - child.restarts[0] > self._patience.window_s:
            child.restarts.popleft()
        child.restarts.append(now)
        return len(child.restarts) <= self._patience.restarts

    def _give_up(self, child: _Child, status: str) -> None:
        often = f"ended more than {self._patience.restarts} times within {self._patience.window_s:g} s, last with {status}"
        if self._given_up is not None and not self._given_up.done():
            self._given_up.set_result(ProgramFailed(_last_words(child.program, often)))


async def _spawn(program: Program) -> asyncio.subprocess.Process:
    """In a session of its own, so that Ctrl-C reaches the supervisor alone and the order of stopping is its to keep."""
    program.log_file.parent.mkdir(parents=True, exist_ok=True)
    guarded = (sys.executable, "-I", "-S", parent_watch.__file__, str(os.getpid()), *program.command)
    with program.log_file.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *guarded,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(program.environment),
            start_new_session=True,
        )


async def _cancel(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _end(process: asyncio.subprocess.Process, grace_s: float) -> bool:
    """Whether it ended within the grace; it has ended in any case when this returns."""
    _signal(process, signal.SIGTERM)
    _signal(process, signal.SIGCONT)
    try:
        async with asyncio.timeout(grace_s):
            await process.wait()
    except TimeoutError:
        _signal(process, signal.SIGKILL)
        await process.wait()
        return False
    return True


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """To the whole group. One that has ended is left alone: its number may be somebody else's."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def _status(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        return signal.Signals(-returncode).name
    return f"status {returncode}"


def _last_words(program: Program, what: str) -> str:
    try:
        last = program.log_file.read_bytes()[-_LAST_BYTES:].decode(errors="replace").splitlines()[-_LAST_LINES:]
    except OSError:
        last = []
    said = "".join(f"\n  {line}" for line in last)
    return f"{program.name} {what}. Its log is {program.log_file}{', which ends:' + said if said else ', which is empty.'}"
