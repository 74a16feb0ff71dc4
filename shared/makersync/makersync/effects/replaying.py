"""Replays the dead letters that operators requested, one by one."""

from makersync.effects.dead_letters import Poison, record_of
from makersync.effects.held_partition import HeldPartition
from makersync.effects.isolation import HANDLER_FAILED, NOT_THE_RECORDS, Renew, failure_of


async def replay_requested(held: HeldPartition, renew: Renew) -> HeldPartition:
    """Returns the partition to continue with: after a replay on which the work failed, its state is loaded again.

    Raises RetryLater and Fenced.
    """
    for row in await held.requested():
        try:
            await held.replay(row)
        except NOT_THE_RECORDS:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the letter stays open with it
            held = await renew(held)
            await held.leave_open(row, Poison(record_of(row), HANDLER_FAILED, failure_of(error)))
    return held
