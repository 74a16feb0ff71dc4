"""What every broker guarantees for groups: which member holds what, when records flow, and what a rebalance leaves
unchanged."""

import pytest

from makersync.broker.port import Broker, OffsetUnknown, Outgoing, Producer, Progress, TopicPartition, TopicSpec
from tests.servers.brokers import BrokerKind, EmbeddedKind
from tests.servers.waiting import assignment_of, held_again, nothing_comes, read, shared_out, wait_for

DEADLINE_S = 10.0
PARTITIONS = 5


@pytest.fixture
async def pair(any_broker: Broker, topic: str) -> tuple[str, str]:
    """Two topics with the same number of partitions."""
    pair = (f"{topic}-left", f"{topic}-right")
    await any_broker.create_topics([TopicSpec(name, PARTITIONS) for name in pair])
    return pair


async def test_two_members_share_two_topics_and_hold_the_same_numbers_of_both(
    any_broker: Broker, pair: tuple[str, str]
) -> None:
    members = [await any_broker.join(f"group-{pair[0]}", pair) for _ in range(2)]
    assignments = await shared_out(members, 2 * PARTITIONS)
    held = [assignment.partitions for assignment in assignments]
    assert held[0] | held[1] == {TopicPartition(name, number) for name in pair for number in range(PARTITIONS)}
    assert not held[0] & held[1]
    for partitions in held:
        left, right = ({each.partition for each in partitions if each.topic == name} for name in pair)
        assert left == right
    for member in members:
        await member.close()


async def test_members_of_different_groups_each_hold_everything(any_broker: Broker, pair: tuple[str, str]) -> None:
    for number in range(2):
        member = await any_broker.join(f"group-{number}-{pair[0]}", pair)
        await shared_out([member], 2 * PARTITIONS)
        await member.close()


async def test_a_new_member_takes_a_share_and_gives_it_back_when_it_leaves(any_broker: Broker, pair: tuple[str, str]) -> None:
    stays = await any_broker.join(f"group-{pair[0]}", pair)
    [alone] = await shared_out([stays], 2 * PARTITIONS)
    leaves = await any_broker.join(f"group-{pair[0]}", pair)
    shared, _ = await shared_out([stays, leaves], 2 * PARTITIONS)
    assert shared.generation > alone.generation
    await leaves.close()
    again = await held_again(stays, shared.generation, 2 * PARTITIONS)
    assert again.partitions == alone.partitions
    await stays.close()


async def test_a_surplus_member_learns_that_it_holds_nothing(any_broker: Broker, topic: str) -> None:
    """Guards: a surplus member must not be mistaken for one whose group has no assignment yet."""
    await any_broker.create_topics([TopicSpec(topic, 1)])
    members = [await any_broker.join(f"group-{topic}", [topic]) for _ in range(2)]

    async def is_shared_out() -> bool:
        found = [member.assignment() for member in members]
        return sorted((len(each.partitions), each.is_pending) for each in found) == [(0, False), (1, False)]

    await wait_for(is_shared_out)
    for member in members:
        await member.close()


async def test_partitions_of_a_killed_member_go_to_the_others(
    broker_kind: BrokerKind, any_broker: Broker, pair: tuple[str, str]
) -> None:
    stays = await any_broker.join(f"group-{pair[0]}", pair)
    killed = await broker_kind.outsider(f"group-{pair[0]}", pair)
    shared, _ = await shared_out([stays, killed], 2 * PARTITIONS)
    await killed.kill()
    await held_again(stays, shared.generation, 2 * PARTITIONS)
    await stays.close()


async def test_a_member_whose_session_expired_comes_back_with_a_new_generation(
    broker_kind: BrokerKind, any_broker: Broker, pair: tuple[str, str]
) -> None:
    sleeper = await broker_kind.outsider(f"group-{pair[0]}", pair)
    [before] = await shared_out([sleeper], 2 * PARTITIONS)
    sleeper.pause()
    successor = await any_broker.join(f"group-{pair[0]}", pair)
    await shared_out([successor], 2 * PARTITIONS)
    assert (await assignment_of(sleeper)) == before
    await successor.close()
    sleeper.resume()
    after = await held_again(sleeper, before.generation, 2 * PARTITIONS)
    assert after.partitions == before.partitions
    await sleeper.kill()


async def test_no_record_is_read_before_a_partition_is_sought(
    any_broker: Broker, producer: Producer, pair: tuple[str, str]
) -> None:
    await producer.publish([Outgoing(pair[0], number, b"key", b"value") for number in range(PARTITIONS)], DEADLINE_S)
    member = await any_broker.join(f"group-{pair[0]}", pair)
    await shared_out([member], 2 * PARTITIONS)
    assert await nothing_comes(member)
    await member.seek(TopicPartition(pair[0], 3), 0)
    assert list(await read(member, 1)) == [TopicPartition(pair[0], 3)]
    assert await nothing_comes(member)
    await member.close()


async def test_reported_progress_moves_no_position(
    broker_kind: BrokerKind, any_broker: Broker, producer: Producer, pair: tuple[str, str]
) -> None:
    partition = TopicPartition(pair[0], 0)
    await producer.publish([Outgoing(*_place(partition), b"key", b"value") for _ in range(4)], DEADLINE_S)
    first = await any_broker.join(f"group-{pair[0]}", pair)
    await shared_out([first], 2 * PARTITIONS)
    await first.note_progress({partition: Progress(2, "a remark")})
    told = {} if isinstance(broker_kind, EmbeddedKind) else {partition: Progress(2, "a remark")}
    assert await any_broker.progress(f"group-{pair[0]}") == told
    await first.close()
    second = await any_broker.join(f"group-{pair[0]}", pair)
    await shared_out([second], 2 * PARTITIONS)
    assert await nothing_comes(second)
    await second.seek(partition, 1)
    assert [record.offset for record in (await read(second, 3))[partition]] == [1, 2, 3]
    await second.close()


async def test_a_group_that_never_noted_anything_has_no_progress(any_broker: Broker, topic: str) -> None:
    assert await any_broker.progress(f"group-{topic}") == {}


async def test_seek_can_be_repeated_and_reading_continues_from_there(
    any_broker: Broker, producer: Producer, pair: tuple[str, str]
) -> None:
    partition = TopicPartition(pair[0], 1)
    await producer.publish([Outgoing(*_place(partition), b"key", b"value") for _ in range(10)], DEADLINE_S)
    member = await any_broker.join(f"group-{pair[0]}", pair)
    await shared_out([member], 2 * PARTITIONS)
    for start in (7, 2, 9, 0):
        await member.seek(partition, start)
        assert [record.offset for record in (await read(member, 10 - start))[partition]] == list(range(start, 10))
    await member.seek(partition, 10)
    assert await nothing_comes(member)
    await producer.publish([Outgoing(*_place(partition), b"key", b"new")], DEADLINE_S)
    assert [record.offset for record in (await read(member, 1))[partition]] == [10]
    await member.close()


async def test_a_member_knows_how_far_it_is_behind(any_broker: Broker, producer: Producer, topic: str) -> None:
    await any_broker.create_topics([TopicSpec(topic, 2)])
    here, there = (TopicPartition(topic, number) for number in range(2))
    await producer.publish([Outgoing(topic, 0, b"key", b"value")] * 10, DEADLINE_S)
    member = await any_broker.join(f"group-{topic}", [topic])
    await shared_out([member], 2)
    await member.seek(here, 0)
    await read(member, 10)
    assert member.behind({here: 4, there: 0}) == 6
    assert member.behind({here: 10}) == 0
    await member.close()


async def test_a_paused_partition_is_silent_until_it_is_sought_again(
    any_broker: Broker, producer: Producer, pair: tuple[str, str]
) -> None:
    partition = TopicPartition(pair[0], 2)
    member = await any_broker.join(f"group-{pair[0]}", pair)
    await shared_out([member], 2 * PARTITIONS)
    await member.seek(partition, 0)
    member.pause(partition)
    await producer.publish([Outgoing(*_place(partition), b"key", b"value")], DEADLINE_S)
    assert await nothing_comes(member)
    await member.seek(partition, 0)
    await read(member, 1)
    await member.close()


async def test_an_offset_that_the_log_does_not_reach_is_unknown(
    any_broker: Broker, producer: Producer, pair: tuple[str, str]
) -> None:
    partition = TopicPartition(pair[0], 0)
    await producer.publish([Outgoing(*_place(partition), b"key", b"value")], DEADLINE_S)
    member = await any_broker.join(f"group-{pair[0]}", pair)
    await shared_out([member], 2 * PARTITIONS)
    with pytest.raises(OffsetUnknown, match="0 to 1, not 2"):
        await member.seek(partition, 2)
    await member.close()


async def test_partitions_that_are_not_held_are_ignored(any_broker: Broker, pair: tuple[str, str]) -> None:
    members = [await any_broker.join(f"group-{pair[0]}", pair) for _ in range(2)]
    first, second = await shared_out(members, 2 * PARTITIONS)
    for partition in second.partitions:
        await members[0].seek(partition, 0)
        members[0].pause(partition)
    assert members[0].assignment() == first
    assert await nothing_comes(members[0])
    for member in members:
        await member.close()


async def test_what_was_sought_must_be_sought_again_after_a_rebalance(
    any_broker: Broker, producer: Producer, pair: tuple[str, str]
) -> None:
    stays = await any_broker.join(f"group-{pair[0]}", pair)
    [before] = await shared_out([stays], 2 * PARTITIONS)
    for partition in before.partitions:
        await stays.seek(partition, 0)
    passes_by = await any_broker.join(f"group-{pair[0]}", pair)
    await shared_out([stays, passes_by], 2 * PARTITIONS)
    await producer.publish([Outgoing(name, number, b"key", b"v") for name in pair for number in range(PARTITIONS)], DEADLINE_S)
    assert await nothing_comes(stays)
    await passes_by.close()
    await stays.close()


async def test_with_more_members_than_partitions_one_stays_idle(any_broker: Broker, topic: str) -> None:
    await any_broker.create_topics([TopicSpec(topic, 1)])
    members = [await any_broker.join(f"group-{topic}", [topic]) for _ in range(2)]

    async def one_holds_it() -> bool:
        return sorted(len(member.assignment().partitions) for member in members) == [0, 1]

    await wait_for(one_holds_it)
    for member in members:
        await member.close()


def _place(partition: TopicPartition) -> tuple[str, int]:
    return partition.topic, partition.partition
