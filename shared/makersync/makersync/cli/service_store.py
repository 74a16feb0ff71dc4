"""The database of a service, for commands that access it from outside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import entry_points

from makersync.errors import OperatorError
from makersync.runtime.documents import GROUP
from makersync.runtime.service import database_file, database_url, require_database
from makersync.settings import Settings
from makersync.store.database import Store
from makersync.store.migrations import require_migrated


@asynccontextmanager
async def existing_store(service: str) -> AsyncIterator[Store]:
    """Raises OperatorError if there is no database, or if it is not at this version's revision."""
    settings = Settings()
    installed = sorted(entry.name for entry in entry_points(group=GROUP))
    file = database_file(service, settings)
    if service not in installed and (file is None or not file.is_file()):
        raise OperatorError(f"There is no service {service!r} here. Name one that is installed: {', '.join(installed)}.")
    require_database(service, settings)
    store = Store(database_url(service, settings))
    try:
        if service in installed:
            await require_migrated(store, service)
        yield store
    finally:
        await store.close()
