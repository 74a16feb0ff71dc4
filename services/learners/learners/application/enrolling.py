"""Operators bring in training providers."""

from learners.application.identifiers import new_id
from learners.application.ports import Desk, Provider
from learners.domain.text import line


async def add_provider(desk: Desk, name: str) -> Provider:
    """Raises RuleBroken."""
    now = desk.clock.now()
    provider = Provider(new_id("prv", now), line("name", name), now)
    await desk.providers.add(provider)
    desk.log.note("provider_added", provider.provider_id, {"name": provider.name})
    return provider
