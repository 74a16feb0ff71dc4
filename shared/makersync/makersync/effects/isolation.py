"""A batch on which a consumer's work failed: piece by piece, until what fails alone, and again, is set aside.

After a failure the state in memory may be ahead of the database, so each attempt begins with a state that was loaded again.
That may take a minute for a large market; hence pieces of the root of the batch before single records: a handful of loadings,
not one a record. Where records fail in a row it is the state that breaks, and each would take loadings until the limit of dead
letters is reached: hours. So the topic halts, and what is left of it waits unread.
"""

import traceback
from collections.abc import Awaitable, Callable, Sequence
from math import isqrt
from pathlib import Path

import structlog

from makersync.broker.port import OffsetUnknown, Record
from makersync.effects.dead_letters import Poison
from makersync.effects.held_partition import HeldPartition
from makersync.errors import Fenced, LogReplaced, OperatorError, RetryLater

log = structlog.get_logger(__name__)
#: What no record is to blame for.
NOT_THE_RECORDS = (RetryLater, Fenced, OffsetUnknown, LogReplaced, OperatorError)
HANDLER_FAILED = "handler_failed"
#: Two loadings each: minutes, where markets are large.
MOST_IN_A_ROW = 5

#: Loads the state of a partition number again, unless another owner has it by now.
Renew = Callable[[HeldPartition], Awaitable[HeldPartition]]


class Isolation:
    """One batch of one partition number. Afterwards `held` is what goes on working."""

    def __init__(self, renew: Renew, held: HeldPartition) -> None:
        self._renewed = renew
        self._is_spoilt = True
        self._in_a_row = 0
        self.held = held

    async def process(self, records: Sequence[Record]) -> None:
        """Every record is worked on, waits behind a halt, or is a dead letter. Raises RetryLater, Fenced."""
        size = max(isqrt(len(records)), 1)
        for start in range(0, len(records), size):
            piece = [record for record in records[start : start + size] if record.topic not in self.held.halts]
            error = await self._attempt(piece) if piece else None
            if error is not None and len(piece) > 1:
                await self.process(piece)
            elif error is not None:
                await self._alone(piece[0])

    async def _alone(self, record: Record) -> None:
        error = await self._attempt([record])
        if error is None:
            return
        await self._renew()
        await self.held.set_aside(Poison(record, HANDLER_FAILED, failure_of(error)))
        self._in_a_row += 1
        if self._in_a_row == MOST_IN_A_ROW:
            self._in_a_row = 0
            await self.held.halt(record.topic, f"the work failed on {MOST_IN_A_ROW} records in a row: {failure_of(error)}")

    async def _attempt(self, records: Sequence[Record]) -> Exception | None:
        await self._renew()
        try:
            await self.held.process(records)
        except NOT_THE_RECORDS:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the record is to blame until it has failed alone
            log.warning("records_failed", partition=self.held.number, records=len(records), failure=failure_of(error))
            self._is_spoilt = True
            return error
        self._in_a_row = 0
        return None

    async def _renew(self) -> None:
        if self._is_spoilt:
            self.held = await self._renewed(self.held)
            self._is_spoilt = False


def failure_of(error: Exception) -> str:
    """The kind of an error and the place where it arose; no values, for they may be personal."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    place = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno} in {ours[-1].name}" if ours else ""
    return f"{type(error).__name__}{place}"
