"""Makes the moves of the live phase through the public HTTP APIs, at a steady rate."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import TypeVar

from demo.market.moves import (
    ChangeAward,
    CloseOpening,
    EraseLearner,
    FillPosition,
    Move,
    MoveLearner,
    PublishOpening,
    RecordAward,
    RegisterLearner,
    ReviseOpening,
    SetConsent,
)
from demo.running.submitting import Submitter

Thing = TypeVar("Thing")


async def paced(things: Iterator[Thing], rate: float) -> AsyncIterator[Thing]:
    """`rate` things a second. Who falls behind does not catch up."""
    due = time.monotonic()
    for thing in things:
        yield thing
        due = max(due + 1 / rate, time.monotonic())
        await asyncio.sleep(due - time.monotonic())


async def make(submitter: Submitter, move: Move) -> None:
    """Raises Refused when the service says no, KeyError when what is moved was never loaded."""
    match move:
        case PublishOpening(opening):
            await submitter.publish(opening)
        case ReviseOpening(opening):
            await submitter.revise(opening)
        case FillPosition(opening):
            await submitter.fill(opening, opening.filled + 1)
        case CloseOpening(opening):
            await submitter.close(opening)
        case RegisterLearner(learner):
            await submitter.register(learner)
        case RecordAward(learner, award):
            await submitter.record(learner, award)
        case ChangeAward(learner, award, how):
            await submitter.change_award(learner, award, how)
        case SetConsent(learner, consents):
            await submitter.consent(learner, consents)
        case MoveLearner(learner, zip_code):
            await submitter.move(learner, zip_code)
        case EraseLearner(learner):
            await submitter.erase(learner)
