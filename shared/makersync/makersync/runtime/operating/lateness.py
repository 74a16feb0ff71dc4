"""What is late: consumers that lag, and measures that nobody takes any more."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from makersync.runtime.operating.reading import ConsumerNow, NowReading
from makersync.runtime.trouble import Trouble

#: What waits usually waits for a fraction of a second, and positions are measured every few seconds.
LATE_S = 30.0


def is_late(now: NowReading, since: datetime | None, seconds: float) -> bool:
    """Whether something waits, for longer than so many seconds."""
    return since is not None and now.at - since > timedelta(seconds=seconds)


def unmeasured(now: NowReading) -> Iterator[Trouble]:
    """Whatever this page cannot know must not look like nothing."""
    measuring = now.measuring
    if not measuring.has_broker:
        return
    if measuring.silent_since is not None:
        yield Trouble(
            "The broker does not answer this process, so that nobody knows how far the consumers are behind.",
            measuring.silent_since,
            "Check whether the broker runs and can be reached from here: makersync topics check says what it lacks. What waits "
            "goes on by itself.",
        )
    if measuring.newest is None or now.waits is None:
        yield Trouble(
            "How far the consumers are behind and what waits is not known yet.",
            None,
            "This process measures it within seconds of its start. If this stays, look at its log.",
            is_grave=False,
        )
    elif is_late(now, measuring.newest, LATE_S):
        yield Trouble(
            "This process has stopped measuring how far the consumers are behind.",
            measuring.newest,
            "Check its log for periodic_step_waiting, and start it again.",
            is_grave=False,
        )


def late_consumers(now: NowReading) -> Iterator[Trouble]:
    for each in now.consumers:
        if each.lag.records and each.lag.seconds > LATE_S:
            since = now.at - timedelta(seconds=each.lag.seconds)
            yield Trouble(f"{each.name} is behind by {_records(each)}.", since, _TODO, is_grave=False)
        elif each.lag.records and not each.lag.is_since_known:
            what = f"{each.name} is behind by {_records(each)}."
            yield Trouble(f"{what} {_SINCE_UNKNOWN}", None, _TODO, is_grave=False)


_SINCE_UNKNOWN = "Since when is not known yet, because this process has not measured for long."
_TODO = (
    "It catches up by itself if its rate is above that of what comes. If not, check whether a process with the role consumer "
    "runs, and start another."
)


def _records(each: ConsumerNow) -> str:
    many = "one record" if each.lag.records == 1 else f"{each.lag.records:,} records"
    return many if each.is_told else f"{many} at least"
