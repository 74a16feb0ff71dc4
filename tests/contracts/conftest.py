"""What every contract test looks at: the released files and the readers of the installed services."""

import asyncio
from collections.abc import Mapping

import pytest

from contracts.commands import CHECKOUT, installed_readers, read_files, read_schemas
from contracts.release import Document, Files
from makersync.effects.reading import Reader


@pytest.fixture(scope="session")
def files() -> Files:
    """Everything below shared/schemas."""
    return read_files(CHECKOUT)


@pytest.fixture(scope="session")
def readers() -> tuple[Reader, ...]:
    """How every consumer of every service reads its topics, as its service wires it."""
    return asyncio.run(installed_readers())


@pytest.fixture(scope="session")
def reader_schemas() -> Mapping[str, list[Document]]:
    """The schemas of the reader models, by `<topic>/<event type>`."""
    return asyncio.run(read_schemas())
