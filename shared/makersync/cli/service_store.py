"""The database of a service, for commands that look into it from outside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from makersync.errors import OperatorError
from makersync.runtime.service import database_url
from makersync.settings import Settings
from makersync.store.database import Store

_SQLITE = "sqlite+aiosqlite:///"


@asynccontextmanager
async def existing_store(service: str) -> AsyncIterator[Store]:
    """Raises OperatorError where there is none."""
    store = Store(_existing_url(service))
    try:
        yield store
    finally:
        await store.close()


def _existing_url(service: str) -> str:
    """SQLite would make an empty file of a name with a typing error."""
    url = database_url(service, Settings())
    file = Path(url.removeprefix(_SQLITE))
    if url.startswith(_SQLITE) and not file.is_file():
        raise OperatorError(
            f"There is no database of {service} at {file}. Name a service (openings, learners or matching), and where its "
            "database is: MAKERSYNC_STATE_FOLDER or MAKERSYNC_DATABASE_URL."
        )
    return url
