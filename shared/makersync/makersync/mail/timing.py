"""When digests are due, at an hour of the deployment's time zone whatever the clocks there do; and how long things last."""

from datetime import UTC, datetime, time, timedelta, tzinfo

from makersync.clock import date_in

#: Notices of one recipient are so far apart; what happens between them is in the next one.
NOTICE_GAP = timedelta(minutes=5)
#: The question whether mail is wanted can be answered for so long.
CONFIRM_WITHIN = timedelta(days=7)
#: How often an address is asked is counted within so long, and that somebody did not want to be is remembered for so long.
INVITED_FOR, DECLINED_FOR = timedelta(days=7), timedelta(days=365)
#: Whoever was asked can decline for so long, also once the recipient is deleted.
DECLINABLE_FOR = timedelta(days=90)
#: A recipient who never answered is deleted after so long.
UNANSWERED_FOR = timedelta(days=30)


def next_digest(after: datetime, hour: int, weekday: int | None, zone: tzinfo) -> datetime:
    """The first instant later than `after` at which it is `hour` o'clock in the zone, on `weekday` (0: Monday) or on any day.

    An hour that the clocks leave out begins when they go on; of one that comes twice the first counts.
    """
    day = date_in(zone, after)
    while True:
        due = datetime.combine(day, time(hour), zone).astimezone(UTC)
        if due > after and weekday in (None, day.weekday()):
            return due
        day += timedelta(days=1)
