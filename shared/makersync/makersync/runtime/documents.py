"""The installed services, and what they declare without being run: their OpenAPI documents, and how they read events."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr

from makersync.effects.reading import Reader
from makersync.errors import OperatorError
from makersync.http.pepper import SHORTEST
from makersync.runtime.process import ServiceProcess
from makersync.runtime.service import ServiceDefinition, context_of
from makersync.settings import Settings

GROUP = "makersync.services"


def installed_services() -> Mapping[str, ServiceDefinition]:
    """Every service of this environment, by name and sorted by name."""
    entries = sorted(entry_points(group=GROUP), key=lambda each: each.name)
    return {entry.name: entry.load()() for entry in entries}


def installed_service(name: str) -> ServiceDefinition:
    """One of them, without loading the others. Raises OperatorError when it is not installed."""
    known = entry_points(group=GROUP)
    if name not in known.names:
        raise OperatorError(f"{name} is not installed here: name one of {', '.join(sorted(known.names))}.")
    definition: ServiceDefinition = known[name].load()()
    return definition


async def openapi_document(definition: ServiceDefinition) -> dict[str, Any]:
    """The document that the running service returns at `/openapi.json`."""
    async with composed(definition) as process:
        document: dict[str, Any] = process.application().openapi()
        return document


async def readers_of(definition: ServiceDefinition) -> tuple[Reader, ...]:
    """The reader of each topic of each of the service's consumers."""
    async with composed(definition) as process:
        consumers = definition.consumers(process.status.context)
        return tuple(reader for consumer in consumers for reader in consumer.readers.values())


@asynccontextmanager
async def composed(definition: ServiceDefinition) -> AsyncIterator[ServiceProcess]:
    """The service's process, wired but not started; it opens no port or connection and leaves no file behind."""
    with TemporaryDirectory() as folder:
        pepper = SecretStr("x" * SHORTEST)
        settings = Settings(database_url="", key_pepper=pepper, state_folder=Path(folder))
        context = context_of(definition, settings, is_new=True)
        try:
            yield ServiceProcess(definition, context)
        finally:
            await context.store.close()
