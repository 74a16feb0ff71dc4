"""Gathers what a message says: the entries of a stretch of the feed, condensed, in sections with counts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.feed.repository import Entry, FeedRepository
from makersync.mail.condensing import Condensed, condensable, related
from makersync.mail.offer import MailOffer

READ_AT_ONCE = 1000
#: A message shows so many sections, and so many items on a line; the rest is counted.
MOST_SECTIONS, MOST_ITEMS = 25, 10


@dataclass(frozen=True, slots=True)
class Span:
    """The entries after `after` and up to `upto` that are told by `cadence`."""

    after: int
    upto: int
    cadence: str
    cadences: Mapping[str, str]

    @property
    def types(self) -> list[str]:
        return [name for name, cadence in self.cadences.items() if cadence == self.cadence]


@dataclass(frozen=True, slots=True)
class Line:
    """What one section says of one type of entry: `counted` in words, the first items, and how many more there are."""

    counted: str
    items: Sequence[str]
    more: int


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a message says. `headline` is for its subject; `more` sections are not shown; `is_cut`: the feed no longer keeps the
    beginning of the stretch."""

    headline: str
    sections: Sequence[Section]
    more: int
    is_cut: bool


async def has_news(session: AsyncSession, offer: MailOffer, organisation_id: str, span: Span) -> bool:
    """Whether there is anything to say."""
    return bool(await _told(session, offer, organisation_id, span))


async def gather(session: AsyncSession, offer: MailOffer, organisation_id: str, spans: Sequence[Span]) -> Gathered | None:
    """What is told of the stretches together. None when there is nothing to say, or nothing any more."""
    told = [entry for span in spans for entry in await _told(session, offer, organisation_id, span)]
    if not told:
        return None
    by_section: dict[str, list[Entry]] = {}
    for entry in told:
        by_section.setdefault(offer.mention_of(entry).section, []).append(entry)
    keys = sorted(by_section, key=lambda key: (_rank(offer, by_section[key]), -len(by_section[key]), key))
    titles = await offer.titles(session, organisation_id, keys[:MOST_SECTIONS])
    shown = [Section(titles.get(key, key), _lines(offer, by_section[key])) for key in keys[:MOST_SECTIONS]]
    head = await FeedRepository(session, organisation_id).head()
    return Gathered(_headline(offer, by_section, titles), shown, len(keys) - len(shown), spans[0].after < head.forgotten)


async def _told(session: AsyncSession, offer: MailOffer, organisation_id: str, span: Span) -> list[Entry]:
    feed, condensed = FeedRepository(session, organisation_id), Condensed(offer.families, offer.states)
    matter, reached = related(span.types, [*(each.types for each in offer.families), *offer.states]), span.after
    types = [name for name in condensable(span.cadence, span.cadences, offer.types) if name in matter]
    while reached < span.upto:
        entries = await feed.after(reached, types, READ_AT_ONCE)
        condensed.take(entry for entry in entries if entry.position <= span.upto)
        reached = entries[-1].position if len(entries) == READ_AT_ONCE else span.upto
    return condensed.entries(span.types)


def _rank(offer: MailOffer, entries: Sequence[Entry]) -> int:
    order = list(offer.wordings)
    return min(order.index(entry.type) for entry in entries)


def _lines(offer: MailOffer, entries: Sequence[Entry]) -> list[Line]:
    lines = []
    for name, wording in offer.wordings.items():
        items = [offer.mention_of(entry).item for entry in entries if entry.type == name]
        if items:
            lines.append(Line(wording.counted(len(items)), items[:MOST_ITEMS], max(0, len(items) - MOST_ITEMS)))
    return lines


def _headline(offer: MailOffer, by_section: Mapping[str, Sequence[Entry]], titles: Mapping[str, str]) -> str:
    """Such as "3 new candidates for CNC machinist and 2 other changes"."""
    counts = Counter(entry.type for entries in by_section.values() for entry in entries)
    name = next(name for name in offer.wordings if counts[name])
    about = {key for key, entries in by_section.items() if any(entry.type == name for entry in entries)}
    wording, title = offer.wordings[name], titles.get(next(iter(about))) if len(about) == 1 else None
    others = counts.total() - counts[name]
    rest = "" if not others else " and 1 other change" if others == 1 else f" and {others:,} other changes"
    return f"{wording.counted(counts[name])}{f'{wording.joint}{title}' if title else ''}{rest}"
