"""An answer shows one moment, whatever is erased while it is read."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.database import Store

from .conftest import Caller
from .samples import accepted, record, register

Interrupt = Callable[[int, Callable[[], Any]], None]


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> Interrupt:
    """Do something else, on another connection, after the nth statement of those that read."""

    def arrange(nth: int, something: Callable[[], Any]) -> None:
        execute, left = AsyncSession.exec, [nth]

        async def counted(session: AsyncSession, *arguments: Any, **options: Any) -> Any:
            result = await execute(session, *arguments, **options)
            if session.info.get("reads"):
                left[0] -= 1
                if left[0] == 0:
                    await something()
            return result

        monkeypatch.setattr(AsyncSession, "exec", counted)
        for opening in ("reading", "snapshot"):
            monkeypatch.setattr(Store, opening, _marking(getattr(Store, opening)))

    return arrange


def _marking(opening: Callable[[Store], Any]) -> Callable[[Store], Any]:
    return lambda store: _Marked(opening(store))


class _Marked:
    def __init__(self, opened: Any) -> None:
        self._opened = opened

    async def __aenter__(self) -> AsyncSession:
        session: AsyncSession = await self._opened.__aenter__()
        session.info["reads"] = True
        return session

    async def __aexit__(self, *error: Any) -> Any:
        return await self._opened.__aexit__(*error)


@pytest.mark.parametrize("nth", [1, 2])
async def test_a_list_of_learners_shows_one_moment(york: Caller, interrupt: Interrupt, nth: int) -> None:
    """Guards: the list named a learner whose person was erased before it was looked for, and the answer was 500."""
    ids = [await register(york) for _ in range(3)]
    await record(york, ids[1])

    async def erase() -> None:
        assert (await york.change("DELETE", f"/v1/learners/{ids[1]}", 2)).status_code == 204

    interrupt(nth, erase)
    listed = accepted(await york.get("/v1/learners"))["items"]
    assert {one["learner_id"] for one in listed} == set(ids)
    assert {one["learner_id"] for one in accepted(await york.get("/v1/learners"))["items"]} == {ids[0], ids[2]}


async def test_a_learner_is_read_whole_or_not_at_all(york: Caller, interrupt: Interrupt) -> None:
    learner_id = await register(york)

    async def erase() -> None:
        assert (await york.change("DELETE", f"/v1/learners/{learner_id}", 1)).status_code == 204

    interrupt(1, erase)
    assert (await york.get(f"/v1/learners/{learner_id}")).status_code == 200
    assert (await york.get(f"/v1/learners/{learner_id}")).status_code == 404
