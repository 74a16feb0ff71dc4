"""What is wrong in a service, in words for its operators."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock


@dataclass(frozen=True, slots=True)
class Trouble:
    """`what` is wrong and what users see of it, since when, and `todo` says what mends it. `is_grave`: something stands still,
    or nothing is taken. `link` leads to where it is mended."""

    what: str
    since: datetime | None
    todo: str
    is_grave: bool = True
    link: str | None = None


#: What is wrong now by the rules of one service.
Troubles = Callable[[AsyncSession, Clock], Awaitable[Sequence[Trouble]]]


async def no_troubles(_session: AsyncSession, _clock: Clock) -> Sequence[Trouble]:
    return ()
