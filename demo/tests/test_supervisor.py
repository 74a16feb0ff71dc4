"""The supervisor with trivial programs: what ends is started again, what is stopped ends in order, nothing is left behind."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from demo.running import parent_watch
from demo.running.supervisor import Patience, Program, ProgramFailed, Supervisor

IMPATIENT = Patience(restarts=2, pause_s=0.01, grace_s=1.0)
DEADLINE_S = 20.0
Make = Callable[[str, str], Program]
SLEEPER = "import time\nprint('up', flush=True)\ntime.sleep(600)"
STUBBORN = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\ntime.sleep(600)"
POLITE = (
    "import signal, sys, time\n"
    "def bye(*_):\n    print('bye', flush=True)\n    sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, bye)\nprint('up', flush=True)\ntime.sleep(600)"
)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
async def supervisor(said: list[str]) -> AsyncIterator[Supervisor]:
    async with Supervisor(said.append, IMPATIENT) as running:
        yield running


@pytest.fixture
def program(tmp_path: Path) -> Make:
    def make(name: str, script: str) -> Program:
        return Program(name, (sys.executable, "-c", script), {"MARK": name}, tmp_path / f"{name}.log")

    return make


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():
            await asyncio.sleep(0.02)


def log_of(program: Program) -> str:
    return program.log_file.read_text() if program.log_file.exists() else ""


def is_up(program: Program, times: int = 1) -> Callable[[], bool]:
    return lambda: log_of(program).count("up") == times


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_a_program_that_dies_is_started_again(supervisor: Supervisor, program: Make, said: list[str]) -> None:
    sleeper = program("sleeper", SLEEPER)
    await supervisor.start(sleeper)
    await until(is_up(sleeper))
    first = supervisor.pid("sleeper")
    supervisor.kill("sleeper")
    await until(is_up(sleeper, times=2))
    assert supervisor.pid("sleeper") != first
    assert is_gone(first)
    assert said == ["sleeper ended by itself with SIGKILL; it is started again."]


async def test_a_program_that_ends_too_often_is_given_up_with_its_last_words(supervisor: Supervisor, program: Make) -> None:
    await supervisor.start(program("hasty", "import sys\nprint('no money left')\nsys.exit(3)"))
    async with asyncio.timeout(DEADLINE_S):
        failure = str(await supervisor.failed())
    assert "hasty ended more than 2 times" in failure
    assert "status 3" in failure
    assert "no money left" in failure
    assert "hasty.log" in failure


async def test_recovery_follows_each_restart(supervisor: Supervisor, program: Make) -> None:
    recovered: list[int] = []

    async def recover() -> None:
        recovered.append(supervisor.pid("broker"))

    broker = program("broker", SLEEPER)
    await supervisor.start(broker, recover)
    await until(is_up(broker))
    assert recovered == []
    supervisor.kill("broker")
    await until(lambda: len(recovered) == 1)
    assert recovered == [supervisor.pid("broker")]


async def test_a_recovery_that_fails_counts_as_an_end(supervisor: Supervisor, program: Make, said: list[str]) -> None:
    async def fail() -> None:
        raise RuntimeError("no topics")

    broker = program("broker", SLEEPER)
    await supervisor.start(broker, fail)
    await until(is_up(broker))
    supervisor.kill("broker")
    async with asyncio.timeout(DEADLINE_S):
        assert "broker ended more than 2 times" in str(await supervisor.failed())
    assert "broker did not recover: no topics" in said


async def test_a_program_that_ends_while_it_recovers_is_started_again_at_once(supervisor: Supervisor, program: Make) -> None:
    """Guards: a broker that dies twice in a row. The first recovery would wait for an answer until its deadline."""
    recovered: list[int] = []

    async def recover() -> None:
        recovered.append(supervisor.pid("broker"))
        if len(recovered) == 1:
            supervisor.kill("broker")
            await asyncio.sleep(2 * DEADLINE_S)

    broker = program("broker", SLEEPER)
    await supervisor.start(broker, recover)
    await until(is_up(broker))
    supervisor.kill("broker")
    await until(lambda: len(recovered) == 2)
    assert recovered[1] == supervisor.pid("broker") != recovered[0]


async def test_stopping_lets_a_program_end_by_itself(supervisor: Supervisor, program: Make, said: list[str]) -> None:
    polite = program("polite", POLITE)
    await supervisor.start(polite)
    await until(is_up(polite))
    pid = supervisor.pid("polite")
    await supervisor.stop("polite")
    assert is_gone(pid)
    assert log_of(polite) == "up\nbye\n"
    assert said == []


async def test_a_paused_program_can_be_stopped(supervisor: Supervisor, program: Make) -> None:
    polite = program("polite", POLITE)
    await supervisor.start(polite)
    await until(is_up(polite))
    pid = supervisor.pid("polite")
    supervisor.pause("polite")
    await until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    await supervisor.stop("polite")
    assert log_of(polite) == "up\nbye\n"


async def test_a_paused_program_can_be_resumed(supervisor: Supervisor, program: Make) -> None:
    sleeper = program("sleeper", SLEEPER)
    await supervisor.start(sleeper)
    await until(is_up(sleeper))
    pid = supervisor.pid("sleeper")
    supervisor.pause("sleeper")
    await until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    supervisor.resume("sleeper")
    await until(lambda: psutil.Process(pid).status() != psutil.STATUS_STOPPED)


async def test_a_program_that_does_not_end_is_killed_after_the_grace(
    supervisor: Supervisor, program: Make, said: list[str]
) -> None:
    stubborn = program("stubborn", STUBBORN)
    await supervisor.start(stubborn)
    await until(is_up(stubborn))
    pid = supervisor.pid("stubborn")
    await supervisor.stop("stubborn")
    assert is_gone(pid)
    assert said == ["stubborn did not end within 1 s and was killed."]


async def test_leaving_stops_the_youngest_first(program: Make, said: list[str]) -> None:
    names = ["broker", "openings", "matching"]
    ends: list[str] = []
    script = POLITE.replace("print('bye', flush=True)", "import time; print(time.monotonic_ns(), flush=True)")
    programs = [program(name, script) for name in names]
    async with Supervisor(said.append, IMPATIENT) as running:
        for each in programs:
            await running.start(each)
        for each in programs:
            await until(is_up(each))
    ends = sorted(names, key=lambda name: int(log_of(programs[names.index(name)]).split()[-1]))
    assert ends == ["matching", "openings", "broker"]


async def test_several_are_stopped_at_once(supervisor: Supervisor, program: Make) -> None:
    programs = [program(name, STUBBORN) for name in ("a", "b", "c")]
    for each in programs:
        await supervisor.start(each)
        await until(is_up(each))
    started = time.monotonic()
    await supervisor.stop("a", "b", "c", "unheard of")
    assert time.monotonic() - started < 2.5 * IMPATIENT.grace_s


async def test_a_step_runs_to_its_end(supervisor: Supervisor, program: Make) -> None:
    step = program("migrate", "import os\nprint(os.environ['MARK'], sorted(os.environ))")
    await supervisor.run(step, DEADLINE_S)
    assert log_of(step).startswith("migrate ['")
    assert "PATH" not in log_of(step)


async def test_a_step_that_fails_says_why(supervisor: Supervisor, program: Make) -> None:
    with pytest.raises(ProgramFailed, match=r"(?s)migrate failed with status 2.*migrate\.log.*no such table"):
        await supervisor.run(
            program("migrate", "import sys\nsys.exit('no such table' and print('no such table') or 2)"), DEADLINE_S
        )


async def test_a_step_that_hangs_is_ended(supervisor: Supervisor, program: Make) -> None:
    with pytest.raises(ProgramFailed, match=r"topics was not done after 0\.5 s"):
        await supervisor.run(program("topics", STUBBORN), 0.5)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_no_child_outlives_a_supervisor_that_is_killed(tmp_path: Path, number: signal.Signals) -> None:
    log = tmp_path / "child.log"
    script = (
        "import asyncio, sys\nfrom pathlib import Path\n"
        "from demo.running.supervisor import Program, Supervisor\n"
        "async def main():\n"
        "    async with Supervisor(print) as supervisor:\n"
        f"        program = Program('child', (sys.executable, '-c', {STUBBORN!r}), {{}}, Path({str(log)!r}))\n"
        "        await supervisor.start(program)\n"
        "        print(supervisor.pid('child'), flush=True)\n"
        "        await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    await until(lambda: log.exists() and "up" in log.read_text())
    parent.send_signal(number)
    await parent.wait()
    await until(lambda: is_gone(child))


@pytest.mark.parametrize("parent_dies", [True, False])
async def test_without_help_of_the_kernel_a_watcher_ends_the_command_with_its_parent(tmp_path: Path, parent_dies: bool) -> None:
    """How it works where Linux is not, tried here all the same."""
    log = tmp_path / "child.log"
    command = [
        sys.executable,
        "-c",
        f"import os, time\nprint(os.getpid(), flush=True)\ntime.sleep({600 if parent_dies else 0})",
    ]
    guarded = f"import os, sys\nfrom demo.running import parent_watch\nsys.exit(parent_watch.watch(os.getppid(), {command!r}))"
    script = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {guarded!r}], stdout=open({str(log)!r}, 'w'))\n"
        "sys.exit(child.wait())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    await until(lambda: log.exists() and log.read_text().endswith("\n"))
    child = int(log.read_text())
    if parent_dies:
        parent.kill()
    assert await parent.wait() == (-signal.SIGKILL if parent_dies else 0)
    await until(lambda: is_gone(child))


def test_nothing_is_started_for_a_parent_that_is_gone_already(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    nobody = str(os.getpid() + 1)
    ended = subprocess.run([sys.executable, parent_watch.__file__, nobody, "/usr/bin/touch", str(trace)], check=False)
    assert ended.returncode == parent_watch.ORPHANED
    assert not trace.exists()
