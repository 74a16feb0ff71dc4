"""The audit compares this service's copy of providers' names with the log."""

from contracts.topics import PROVIDER, PROVIDER_PARTITION_KEY
from makersync.envelope import Event, encode, encode_sequence
from makersync.runtime.service import Context
from makersync.topic import schema_name
from openings.bootstrap import definition
from tests.servers.restoring import RestoredService

from .events import EARLIER, Feed


def named(provider_id: str, version: int, name: str) -> bytes:
    event = Event(
        id=f"{provider_id}-{version}",
        source="/makersync/test",
        type="learners.ProviderNamed",
        subject=provider_id,
        time=EARLIER,
        dataschema=schema_name(PROVIDER),
        partitionkey=PROVIDER_PARTITION_KEY,
        sequence=encode_sequence(version),
        data={"provider_id": provider_id, "name": name},
    )
    return encode(event)


async def test_a_name_that_is_missing_older_or_altered_is_named(context: Context, feed: Feed) -> None:
    """Guards: employers would be shown another name than the provider's."""
    restored = await RestoredService(context, definition()).open()
    for provider_id in ("altered", "equal", "missing", "older"):
        await restored.put(PROVIDER, f"{PROVIDER_PARTITION_KEY}/{provider_id}", named(provider_id, 2, "York Technical"))
    await feed.providers(("altered", 2, "Another"), ("equal", 2, "York Technical"), ("older", 1, "York Technical"))
    found = [each for each in await restored.disagreements_with_all() if each.view == "openings: its copy of providers' names"]
    assert sorted((each.key.rpartition("/")[2], f"{each.kind}: {each.line}") for each in found) == [
        ("altered", "another state: name at version 2"),
        ("missing", "missing: version 2 in the log"),
        ("older", "another version: 1 here, 2 in the log"),
    ]
