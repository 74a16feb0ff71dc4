"""DESIGN, exactly-once effects, 9: a process without progress ends itself; one that was paused does not."""

import subprocess
import sys
import textwrap
import threading
from datetime import UTC, datetime, timedelta

import pytest

from makersync.clock import ManualClock
from makersync.runtime.watchdog import STUCK, Watchdog

LIMIT_S = 60.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 2, tzinfo=UTC))


class Counters(dict[str, int]):
    """Parts and their counters, as a process reports them."""

    def current(self) -> dict[str, int]:
        return dict(self)


def looks(watchdog: Watchdog, clock: ManualClock, seconds: float, every: float = 5.0) -> list[str | None]:
    """What the watchdog sees while time passes step by step."""
    seen = []
    for _ in range(int(seconds / every)):
        clock.move_to(clock.now() + timedelta(seconds=every))
        seen.append(watchdog.look())
    return seen


def test_a_part_without_progress_beyond_the_limit_is_named(clock: ManualClock) -> None:
    """Guards: the comparison of counters over time."""
    counters = Counters(relay=1, consumer=1)
    watchdog = Watchdog(clock, LIMIT_S, counters.current)
    watchdog.look()
    for _ in range(20):
        counters["relay"] += 1
        found = looks(watchdog, clock, 5.0)
        if found != [None]:
            break
    assert found == ["consumer"]


def test_parts_with_progress_are_not_named(clock: ManualClock) -> None:
    counters = Counters(relay=1)
    watchdog = Watchdog(clock, LIMIT_S, counters.current)
    for _ in range(50):
        counters["relay"] += 1
        assert looks(watchdog, clock, 5.0) == [None]


def test_the_watchdog_waits_for_the_whole_limit(clock: ManualClock) -> None:
    watchdog = Watchdog(clock, LIMIT_S, Counters(relay=1).current)
    watchdog.look()
    assert set(looks(watchdog, clock, LIMIT_S)) == {None}
    assert looks(watchdog, clock, 5.0) == ["relay"]


def test_a_pause_of_the_whole_process_does_not_count(clock: ManualClock) -> None:
    """Guards: the time jump in `look`. After sleep or SIGSTOP the process would otherwise be ended when it resumes."""
    counters = Counters(relay=1)
    watchdog = Watchdog(clock, LIMIT_S, counters.current)
    looks(watchdog, clock, LIMIT_S - 5.0)
    clock.move_to(clock.now() + timedelta(hours=3))
    assert watchdog.look() is None
    assert set(looks(watchdog, clock, LIMIT_S - 5.0)) == {None}
    assert looks(watchdog, clock, 10.0)[-1] == "relay"


def test_a_part_that_starts_late_has_the_whole_limit(clock: ManualClock) -> None:
    counters = Counters()
    watchdog = Watchdog(clock, LIMIT_S, counters.current)
    looks(watchdog, clock, 100.0)
    counters["consumer"] = 0
    assert set(looks(watchdog, clock, LIMIT_S)) == {None}


def test_the_process_ends_with_a_status_of_its_own(clock: ManualClock) -> None:
    ended, statuses = threading.Event(), []

    class Rushing(ManualClock):
        def monotonic(self) -> float:
            self.move_to(self.now() + timedelta(seconds=0.02))
            return super().monotonic()

    def end(status: int) -> None:
        statuses.append(status)
        ended.set()

    watchdog = Watchdog(Rushing(clock.now()), 0.05, Counters(relay=1).current, end)
    watchdog.start()
    assert ended.wait(10)
    watchdog.join(10)
    assert statuses == [STUCK]


def test_the_watchdog_can_be_stopped(clock: ManualClock) -> None:
    watchdog = Watchdog(clock, LIMIT_S, Counters(relay=1).current)
    watchdog.start()
    watchdog.stop()
    watchdog.join(10)
    assert not watchdog.is_alive()


STUCK_PROCESS = """
    import asyncio, time
    from makersync.clock import WallClock
    from makersync.runtime.watchdog import Watchdog

    def where_it_hangs():
        time.sleep(60)

    async def main():
        Watchdog(WallClock(), 0.4, lambda: {"relay": 1}).start()
        where_it_hangs()

    asyncio.run(main())
"""


def test_a_process_whose_loop_is_blocked_ends_with_status_70_and_a_traceback() -> None:
    """Guards: the watchdog is a thread, because the event loop itself hangs; the traceback is the only hint at the cause."""
    command = [sys.executable, "-c", textwrap.dedent(STUCK_PROCESS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == STUCK == 70
    assert "where_it_hangs" in done.stderr
    assert "stuck" in done.stdout and "relay" in done.stdout
