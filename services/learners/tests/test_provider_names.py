"""The names of training providers are published, so that employers know whom to ask for a candidate."""

import pytest

from contracts.topics import PROVIDER
from learners.adapters.tables import ProviderRow
from learners.bootstrap import definition, seed
from learners.domain.provider import lost_name
from makersync.effects.reconciling import Choice
from makersync.runtime.service import Context
from tests.servers.restoring import RestoredService

from .conftest import NOW, Caller, Published
from .samples import accepted

OLD, LOST = "prv_01m817qnm0jdkxnd7nesrdg8sj", "prv_01m817qnm0jdkxnd7nesrdg8sk"


async def named(published: Published) -> list[tuple[str, int, str]]:
    return [(each.subject, each.version, (each.data or {})["name"]) for each in await published.events(PROVIDER.name)]


async def test_a_provider_that_is_added_is_named(operator: Caller, published: Published) -> None:
    added = accepted(await operator.post("/v1/providers", {"name": "York Technical"}))
    assert await named(published) == [(added["provider_id"], 1, "York Technical")]


async def test_providers_from_before_names_were_published_are_named_once(context: Context, published: Published) -> None:
    async with context.store.transaction() as session:
        session.add(ProviderRow(provider_id=OLD, name="York Technical", created_at=NOW, version=3))
        session.add(ProviderRow(provider_id=LOST, name=lost_name(LOST), created_at=NOW))
    for _ in range(2):
        await seed(context)
        assert await named(published) == [(OLD, 3, "York Technical")]


async def test_a_provider_that_an_earlier_version_adds_meanwhile_is_named_without_a_restart(
    context: Context, published: Published
) -> None:
    """Guards: during a rolling upgrade a process that publishes no names may add providers after the others have started."""
    await seed(context)
    async with context.store.transaction() as session:
        session.add(ProviderRow(provider_id=OLD, name="York Technical", created_at=NOW))
    [names] = [each for each in definition().periodic(context) if each.name == "announce names of providers"]
    assert names.publishes
    for _ in range(2):
        await names.step()
        assert await named(published) == [(OLD, 1, "York Technical")]


async def test_a_provider_whose_lost_name_is_restored_is_named(
    operator: Caller, context: Context, published: Published
) -> None:
    async with context.store.transaction() as session:
        session.add(ProviderRow(provider_id=OLD, name=lost_name(OLD), created_at=NOW))
    accepted(await operator.post(f"/v1/providers/{OLD}/restoration", {"name": "York Technical"}))
    assert await named(published) == [(OLD, 2, "York Technical")]


@pytest.mark.parametrize("choice", list(Choice))
async def test_a_name_that_only_the_topic_has_is_taken_back(operator: Caller, context: Context, choice: Choice) -> None:
    """Guards: a lost database would make every provider nameless, although the log has the names."""
    restored = await RestoredService(context, definition()).open()
    empty = await restored.dump()
    added = accepted(await operator.post("/v1/providers", {"name": "York Technical"}))
    await restored.publish()
    await restored.restore(empty)
    await restored.reconcile(choice)
    assert accepted(await operator.get(f"/v1/providers/{added['provider_id']}"))["name"] == "York Technical"
    assert await restored.differences() == []
