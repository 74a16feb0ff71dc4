"""Finds the records on which a consumer's work fails, by processing a failed batch in smaller pieces.

After a failure the state in memory may be ahead of the database, so each attempt starts by loading it again, which can take a
minute for a large market. A batch is therefore split into pieces of about the square root of its size before single records are
tried, which needs far fewer loads than one per record. A record that fails alone becomes a dead letter. If several records fail
in a row, the state is probably at fault, and isolating each record up to the dead letter limit would take hours. The topic then
halts and its remaining records wait unread.
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
#: Errors that no record can cause.
NOT_THE_RECORDS = (RetryLater, Fenced, OffsetUnknown, LogReplaced, OperatorError)
HANDLER_FAILED = "handler_failed"
#: Each record costs two loads of the state, which take minutes in large markets.
MOST_IN_A_ROW = 5

#: Loads the state of a partition number again; raises Fenced if another owner has taken it.
Renew = Callable[[HeldPartition], Awaitable[HeldPartition]]


class Isolation:
    """Isolates one batch of one partition number. Afterwards `held` is the state to continue with."""

    def __init__(self, renew: Renew, held: HeldPartition) -> None:
        self._renewed = renew
        self._is_spoilt = True
        self._in_a_row = 0
        self.held = held

    async def process(self, records: Sequence[Record]) -> None:
        """Process every record, leave it behind a halt, or make it a dead letter. Raises RetryLater and Fenced."""
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
    """The type of an error and the place that raised it. Its message is left out, because it may contain personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    place = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno} in {ours[-1].name}" if ours else ""
    return f"{type(error).__name__}{place}"
