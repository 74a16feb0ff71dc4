"""Names are looked up on threads that nobody waits for."""

import asyncio
import subprocess
import sys
import textwrap
import threading
from collections.abc import Sequence

import pytest

from makersync.delivery.outbound import Outbound, Post, Reply
from makersync.delivery.resolving import Resolver

HANGING_PROCESS = """
    import asyncio, time
    from makersync.delivery.outbound import Outbound, Post
    from makersync.delivery.resolving import Resolver

    def hangs(host, port):
        time.sleep(3600)

    async def main():
        print((await Outbound([], Resolver(hangs)).post(Post("https://slow.example", {}, b""), within_s=0.1)).fault)

    asyncio.run(main())
"""


def test_a_process_ends_while_a_look_up_hangs() -> None:
    """Guards: a thread that the interpreter waits for at its end, so that a supervisor has to kill the process."""
    command = [sys.executable, "-c", textwrap.dedent(HANGING_PROCESS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "timeout"), done.stderr


async def test_look_ups_that_hang_leave_room_for_others_and_give_it_back() -> None:
    """Guards: a place that is lost with every attempt that was given up."""
    ends, hanging = threading.Event(), 31

    def looks_up(host: str, port: int) -> Sequence[str]:
        if host == "slow":
            ends.wait(30)
        return ["192.0.2.1"]

    resolver = Resolver(looks_up)
    slow = [asyncio.create_task(resolver("slow", 443)) for _ in range(hanging)]
    assert await resolver("quick", 443) == ["192.0.2.1"]
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    ends.set()
    assert await asyncio.gather(*[resolver("quick", 443) for _ in range(2 * hanging)]) == [["192.0.2.1"]] * 2 * hanging


@pytest.mark.parametrize("error", [OSError("away"), UnicodeError("label too long")])
async def test_a_look_up_that_fails_is_a_fault_of_the_attempt(error: Exception) -> None:
    def fails(host: str, port: int) -> Sequence[str]:
        raise error

    reply = await Outbound([], Resolver(fails)).post(Post("https://nobody.example", {}, b""))
    assert reply.fault is not None and reply == Reply(reply.fault)


async def test_what_comes_after_the_loop_has_ended_troubles_nobody() -> None:
    ended = threading.Event()

    def looks_up(host: str, port: int) -> Sequence[str]:
        ended.wait(30)
        return ()

    def short_loop() -> None:
        async def gives_up() -> None:
            asyncio.create_task(Resolver(looks_up)("slow", 443))  # noqa: RUF006
            await asyncio.sleep(0)

        asyncio.run(gives_up())

    await asyncio.to_thread(short_loop)
    ended.set()
    for thread in [each for each in threading.enumerate() if each.name == "webhook-name"]:
        await asyncio.to_thread(thread.join, 10)
    assert not [each for each in threading.enumerate() if each.name == "webhook-name"]
