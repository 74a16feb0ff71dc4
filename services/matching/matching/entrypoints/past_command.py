"""The past of a pair for a terminal."""

from rich.console import Console
from rich.text import Text

from makersync.errors import OperatorError
from makersync.http.problems import NotFound, ValidationProblem
from makersync.runtime.service import Context
from makersync.store.migrations import require_migrated
from matching.domain.explanation.findings import Explanation, ShortlistPlace
from matching.domain.explanation.pair_past import PairPast
from matching.entrypoints.past_reading import PastReader
from matching.entrypoints.past_words import UNKNOWN_THEN, in_words


async def read_past(context: Context, opening: str, learner: str) -> PairPast:
    """Raises OperatorError when there is no such pair."""
    await require_migrated(context.store, "matching")
    async with context.store.snapshot() as session:
        try:
            return await _reader(context).past(session, opening, learner)
        except NotFound as error:
            raise OperatorError(f"There is no opening {opening} or no learner {learner}.") from error


async def explain_past(context: Context, opening: str, learner: str, at: str) -> tuple[Explanation, ShortlistPlace]:
    """Raises OperatorError when there is no such pair, or when it is not kept what was so then."""
    past = await read_past(context, opening, learner)
    async with context.store.snapshot() as session:
        try:
            _, then = await _reader(context).explained(session, past, (opening, learner), at)
        except NotFound as error:
            raise OperatorError(error.detail) from error
        except ValidationProblem as error:
            raise OperatorError(f"{at} is no event of this pair and no moment. See `--events`.") from error
    if then.explained is None or then.place is None:
        raise OperatorError(UNKNOWN_THEN)
    return then.explained, then.place


def show_past(out: Console, past: PairPast) -> None:
    """Print the events of the pair, the newest first."""
    since = "nothing yet" if past.since is None else f"since {past.since.isoformat(timespec='seconds')}"
    out.print(Text(f"What was so is kept: {since}", "bold"))
    for event in past.events():
        moment = "before" if event.at is None else event.at.isoformat(timespec="seconds")
        mark = "" if event.is_known else " (cannot be explained)"
        out.print(Text(f"  {event.key}  {moment}  {in_words(event)}{mark}"))


def _reader(context: Context) -> PastReader:
    return PastReader(context.clock, context.settings.keep_past_days)
