"""The feed entries that events of matches become, for the employer of the opening."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from makersync.feed.entries import NewEntry
from openings.adapters.consuming.match_reading import FORGETTING, PROPOSED, REVISED, WITHDRAWN, MatchEndedReading, MatchEvent

#: The type of entry by the name of the event.
ENTRY_TYPES: Mapping[str, str] = {
    PROPOSED: "match.proposed",
    REVISED: "match.revised",
    WITHDRAWN: "match.withdrawn",
}


def subject_of(opening_id: str, learner_id: str) -> str:
    """The subject of the entries of a pair."""
    return f"{opening_id}/{learner_id}"


def entry_of(match: MatchEvent) -> NewEntry:
    """The whole of what the event says, but for the employer, who reads it."""
    said = match.reading.model_dump(mode="json", exclude={"employer_id"}, exclude_none=True)
    subject = subject_of(*match.pair)
    data = said | {"version": match.version}
    return NewEntry(match.reading.employer_id, ENTRY_TYPES[match.kind], subject, match.event.time, data)


def entries_of(fresh: Sequence[MatchEvent], is_known: bool) -> list[NewEntry]:
    """The entries of one pair. There is none about the end of a match that the employer never had, and those before the end of
    a learner's consent say nothing."""
    first = 0 if is_known else next((n for n, match in enumerate(fresh) if match.kind != WITHDRAWN), len(fresh))
    ended = max((n for n, match in enumerate(fresh) if ends_consent(match)), default=0)
    entries = [entry_of(match) for match in fresh]
    return [entry if n >= ended else replace(entry, data=None) for n, entry in enumerate(entries) if n >= first]


def ends_consent(match: MatchEvent) -> bool:
    """Whether what was said about the learner before must not be kept."""
    return isinstance(match.reading, MatchEndedReading) and match.reading.reason in FORGETTING
