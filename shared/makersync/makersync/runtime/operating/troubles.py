"""What is wrong now, since when, and what to do about it, most urgent first."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from makersync.mail.server_state import NOT_SET_UP
from makersync.pages.operator_links import DEAD_LETTERS, OPERATIONS
from makersync.runtime.operating.lateness import LATE_S, is_late, late_consumers, unmeasured
from makersync.runtime.operating.reading import HaltNow, NowReading
from makersync.runtime.operating.standstills import standstills
from makersync.runtime.operating.waiting import MOST_REFUSED
from makersync.runtime.trouble import Trouble


def troubles(now: NowReading, name: str) -> Sequence[Trouble]:
    """`name` is the service's, for the commands."""
    found = [*_conditions(now), *_parts(now), *(_halted(each) for each in now.halted), *unmeasured(now), *_late(now)]
    found += [*late_consumers(now), *standstills(now, name), *_set_aside(now, name), *now.own]
    return sorted(found, key=lambda each: not each.is_grave)


def _conditions(now: NowReading) -> Iterator[Trouble]:
    for each in now.conditions:
        yield Trouble(f"{each.problem}.", each.since, each.remedy)


def _parts(now: NowReading) -> Iterator[Trouble]:
    told = {"conditions": now.conditions, "partitions": now.halted, "broker": now.measuring.silent_since}
    told_elsewhere = {name for name, is_told in told.items() if is_told}
    for part, state in now.parts.items():
        if state != "ok" and part not in told_elsewhere:
            yield Trouble(f"This process lacks a part: {part.replace('_', ' ')}.", None, state)


def _halted(each: HaltNow) -> Trouble:
    halt = each.halt
    where = f"partition {halt.partition}" + (f" of {halt.topic}" if halt.topic else "")
    return Trouble(
        f"{halt.consumer} has stopped at {where}: {halt.reason}.",
        halt.since,
        "Fix what the reason names, decide about its letters, and resume it.",
        link=f"{OPERATIONS}#halted",
    )


def _late(now: NowReading) -> Iterator[Trouble]:
    oldest = now.waiting.oldest_event
    if is_late(now, oldest, LATE_S):
        yield Trouble(
            "Events wait longer than usual for the broker.",
            oldest,
            "Check that the broker accepts records, and that a process with the role publisher runs.",
        )


def _set_aside(now: NowReading, name: str) -> Iterator[Trouble]:
    if now.letters:
        many = f"{now.letters:,} records are set aside, and nobody has decided about them."
        what = "One record is set aside, and nobody has decided about it." if now.letters == 1 else many
        yield Trouble(what, None, "Replay or dismiss.", is_grave=False, link=DEAD_LETTERS)
    if now.waiting.refused:
        todo = f"Fix the cause, then: makersync republish {name}"
        least = "at least " if now.waiting.refused >= MOST_REFUSED else ""
        yield Trouble(f"The broker refuses {least}{now.waiting.refused:,} events for good.", None, todo)
    mail = now.waiting.mail
    if mail is not None and mail.problem is not None and mail.problem != NOT_SET_UP:
        todo = "Check the settings of mail and the mail server. Waiting mail is then sent."
        yield Trouble(f"The mail server accepts no mail: {mail.problem.replace('_', ' ')}.", mail.since, todo, is_grave=False)


def letters_of(halt: HaltNow) -> str:
    """Where the letters are shown that keep a partition halted."""
    wanted = {"consumer": halt.halt.consumer, "partition": str(halt.halt.partition)}
    if halt.halt.topic:
        wanted["topic"] = halt.halt.topic
    return f"{DEAD_LETTERS}?{urlencode(wanted)}"
