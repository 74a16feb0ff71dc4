"""A sender of mail may die at any await of its work: every change is told, once or with one Message-ID."""

import asyncio
from multiprocessing import get_context
from typing import Any

import pytest

from shared.makersync.tests.delivery.mortal import DIED

from .conftest import Desk, send_all
from .mortal import live
from .post_office import PostOffice

PROCESSES: Any = get_context("forkserver")
PROCESSES.set_forkserver_preload(["shared.makersync.tests.mail.mortal"])


async def lives_on(url: str, port: int, dies_at: int) -> bool:
    """Whether a process that sends comes to its end before its nth await."""
    process = PROCESSES.Process(target=live, args=(url, port, f"mortal-{dies_at}", dies_at))
    process.start()
    await asyncio.to_thread(process.join)
    assert process.exitcode in (0, DIED)
    return process.exitcode == 0


async def crash_at(desk: Desk, office: PostOffice, url: str, dies_at: int) -> bool:
    """One process dies, another finds what it has left. Returns whether the first one lived on instead."""
    office.taken.clear()
    await desk.proposes(f"opn_a/lrn_{dies_at}")
    is_alive = await lives_on(url, office.port, dies_at)
    await desk.age(minutes=6)
    await send_all(desk.sender(f"heir-{dies_at}"))
    told = {message["Message-ID"]: message.as_string() for _, message in office.taken}
    assert len(told) == 1 and all(f"lrn_{dies_at}" in text for text in told.values()), dies_at
    assert {row.state for row in await desk.messages()} == {"sent"}, dies_at
    await desk.age(minutes=6)
    return is_alive


@pytest.mark.parametrize("step", [pytest.param(17, id="some"), pytest.param(1, id="every", marks=pytest.mark.slow)])
@pytest.mark.timeout(1200)
async def test_a_crash_at_any_await_loses_nothing(desk: Desk, office: PostOffice, database_url: str, step: int) -> None:
    await desk.recipient()
    deaths = 0
    while not await crash_at(desk, office, database_url, 1 + deaths * step):
        deaths += 1
    assert deaths * step > 30
