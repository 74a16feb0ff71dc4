"""What is stored of matches and pathways before new events: the version, and whether it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import tuple_
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

Key = tuple[str, str]
#: Databases limit the number of values in one statement.
AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """Version 0: nothing is stored."""

    version: int = 0
    is_live: bool = False


async def stored_versions(
    session: AsyncSession, key: tuple[Any, Any], version: Any, is_live: Any, keys: Sequence[Key]
) -> Mapping[Key, StoredVersion]:
    """What is stored under each of the keys that are known; the other arguments are columns or expressions of one table."""
    found: dict[Key, StoredVersion] = {}
    for start in range(0, len(keys), AT_ONCE):
        here = tuple_(*key).in_(keys[start : start + AT_ONCE])
        rows = await session.exec(select(*key, version, is_live).where(here))
        found |= {(one, other): StoredVersion(number, bool(live)) for one, other, number, live in rows}
    return found
