"""Operators bring in training providers."""

from collections.abc import Sequence

from learners.application.identifiers import new_id
from learners.application.ports import Desk, Provider
from learners.domain.text import line
from makersync.remarks import Remark


async def add_provider(desk: Desk, name: str) -> tuple[Provider, Sequence[Remark]]:
    """Raises RuleBroken. Another provider of the same name is remarked on: two can have one, or one is brought in twice."""
    now = desk.clock.now()
    provider = Provider(new_id("prv", now), line("name", name), now)
    alike = await desk.providers.named_like(provider.name)
    await desk.providers.add(provider)
    desk.log.note("provider_added", provider.provider_id, {"name": provider.name})
    return provider, [Remark("name", "same_name", f"provider {one.provider_id} has it too") for one in alike]
