"""How operators change what repairs a service."""

from contextlib import AbstractAsyncContextManager

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.wiring import wiring_of


def begin_repair(request: Request) -> AbstractAsyncContextManager[AsyncSession]:
    """A transaction also while a condition stops changes: they are repaired through the pages."""
    return wiring_of(request).store.transaction()
