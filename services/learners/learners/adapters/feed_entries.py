"""What the feed of a provider says of a match, an introduction, a pathway and a signal, in its entries as in its snapshot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from pydantic_core import to_jsonable_python

from contracts.vocabulary import Evidence
from learners.adapters.match_repository import MatchUpdate
from learners.adapters.match_tables import LearnerMatchRow
from learners.adapters.pathway_repository import PathwayUpdate
from learners.domain.award import Award, EndingAward
from learners.domain.introduction import Introduction, news_of
from learners.domain.learner import Learner
from learners.domain.opening import PublicOpening, place_name
from learners.domain.pathway import UnlockedPositions, jobs_behind
from learners.domain.signal import ShortageSignal, guarded
from makersync.feed.entries import NewEntry
from reference.places import load_places

MATCH_PROPOSED, MATCH_REVISED, MATCH_WITHDRAWN = "match.proposed", "match.revised", "match.withdrawn"
PATHWAYS_REFRESHED, PATHWAYS_ENDED = "pathways.refreshed", "pathways.ended"
AWARD_ENDING = "award.ending"
EVIDENCE_TYPES: Mapping[Evidence, str] = {Evidence.VERIFIED: "award.verified", Evidence.ATTESTED: "award.unverified"}
#: What an entry says of the job.
_JOB = ("title", "employer_name", "wage_min", "wage_max", "start_by", "closes_on")
#: The types of entry by the names of the events.
MATCH_TYPES: Mapping[str, str] = {
    "MatchProposed": MATCH_PROPOSED,
    "MatchRevised": MATCH_REVISED,
    "MatchWithdrawn": MATCH_WITHDRAWN,
}
SIGNAL_TYPES: Mapping[str, str] = {
    "ShortageRaised": "signal.raised",
    "ShortageEased": "signal.eased",
    "ShortageCleared": "signal.cleared",
    "ShortageSilenced": "signal.silenced",
    "ShortageRevised": "signal.revised",
}


def subject_of(first: str, second: str) -> str:
    """Of a match: learner and opening; of a pathway: learner and region; of an award: learner and award; of a signal: region
    and what it is about."""
    return f"{first}/{second}"


def about_learner(learner_id: str) -> str:
    """What the subject of every entry about the learner begins with."""
    return subject_of(learner_id, "")


def match_entry(provider_id: str, update: MatchUpdate, opening: PublicOpening | None = None) -> NewEntry:
    subject = subject_of(update.learner_id, update.opening_id)
    return NewEntry(provider_id, MATCH_TYPES[update.kind], subject, update.at, match_data(update, opening))


def pathway_entry(provider_id: str, update: PathwayUpdate, openings: Mapping[str, PublicOpening]) -> NewEntry:
    kind, subject = PATHWAYS_REFRESHED if update.is_live else PATHWAYS_ENDED, subject_of(update.learner_id, update.region)
    return NewEntry(provider_id, kind, subject, update.at, pathway_data(update, openings))


def signal_entry(provider_id: str, signal: ShortageSignal) -> NewEntry:
    subject = subject_of(signal.region, signal.subject)
    return NewEntry(provider_id, SIGNAL_TYPES[signal.kind], subject, signal.at, signal_data(signal))


def evidence_entry(learner: Learner, award: Award, at: datetime) -> NewEntry:
    data = {
        "learner_id": learner.learner_id,
        "award_id": award.award_id,
        "credential": award.credential,
        "evidence": award.evidence.value,
        "version": learner.version,
    }
    subject = subject_of(learner.learner_id, award.award_id)
    return NewEntry(learner.provider_id, EVIDENCE_TYPES[award.evidence], subject, at, data)


def ending_entry(award: EndingAward, today: date, at: datetime) -> NewEntry:
    data = {
        "learner_id": award.learner_id,
        "award_id": award.award_id,
        "credential": award.credential,
        "expires_on": award.expires_on.isoformat(),
        "days": (award.expires_on - today).days,
        "version": award.learner_version,
    }
    return NewEntry(award.provider_id, AWARD_ENDING, subject_of(award.learner_id, award.award_id), at, data)


def introduction_entries(before: Introduction | None, after: Introduction, at: datetime) -> Sequence[NewEntry]:
    """The entry of what has changed, if it concerns the provider."""
    news = news_of(before, after)
    if news is None:
        return ()
    subject = subject_of(after.learner_id, after.introduction_id)
    return (NewEntry(after.provider_id, introduction_type(news), subject, at, introduction_data(after)),)


def introduction_type(news: str) -> str:
    return f"introduction.{news}"


def introduction_data(introduction: Introduction) -> dict[str, Any]:
    """Nothing of what the employer wrote, which `GET /v1/introductions/{introduction_id}` shows."""
    request, answer, standing = introduction.request, introduction.answer, introduction.standing
    said = {
        "introduction_id": introduction.introduction_id,
        "opening_id": introduction.opening_id,
        "learner_id": introduction.learner_id,
        "employer_id": introduction.employer_id,
        "region": introduction.region,
        "status": standing.status.value,
        "side": standing.side,
        "reason": standing.reason,
        "answer_by": request.answer_by.isoformat(),
        "answered_by": None if answer is None else answer.answered_by,
        "hire": introduction.hire,
        "hired_on": None if request.hired_on is None else request.hired_on.isoformat(),
    }
    return {name: value for name, value in said.items() if value is not None} | {"version": introduction.version}


def match_data(match: MatchUpdate | LearnerMatchRow, opening: PublicOpening | None) -> dict[str, Any]:
    """`opening` as it is known when the entry is made; None: nothing is known of it yet."""
    ids = {"opening_id": match.opening_id, "learner_id": match.learner_id, "region": match.region}
    said = {"reason": match.reason} | _behind(match) if match.score is None else {"score": match.score}
    job = {} if opening is None else {"opening": opening_data(opening)}
    return ids | said | job | {"version": match.version}


def _behind(match: MatchUpdate | LearnerMatchRow) -> dict[str, Any]:
    """The gate that fails now and the required groups that are not met any more, where they are known."""
    if isinstance(match, LearnerMatchRow):
        return {}
    return ({"gate": match.gate} if match.gate else {}) | ({"unmet": [*match.unmet]} if match.unmet else {})


def opening_data(opening: PublicOpening) -> dict[str, Any]:
    """What tells people which job it is, without what is unknown."""
    said = {name: getattr(opening, name) for name in _JOB} | {"place": place_name(opening, load_places())}
    known: dict[str, Any] = to_jsonable_python({name: value for name, value in said.items() if value is not None})
    return known


def named_in(updates: Iterable[PathwayUpdate]) -> frozenset[str]:
    """Every opening that the lists name."""
    return frozenset(
        opening_id for update in updates for each in update.unlocked.values() for opening_id in each.openings or ()
    )


def pathway_data(update: PathwayUpdate, openings: Mapping[str, PublicOpening]) -> dict[str, Any]:
    """`openings` as they are known when the entry is made. Each of those that are named is described once, however many
    credentials would unlock it."""
    ids = {"learner_id": update.learner_id, "region": update.region}
    if not update.is_live:
        return ids | {"version": update.version}
    jobs: dict[str, PublicOpening] = {}
    listed = [_credential(name, each, openings, jobs) for name, each in _most_first(update.unlocked)]
    described = [{"opening_id": opening_id} | opening_data(each) for opening_id, each in sorted(jobs.items())]
    said = {"credentials": listed} | ({"openings": described} if described else {})
    return ids | said | {"as_of": to_jsonable_python(update.as_of), "version": update.version}


def _most_first(unlocked: Mapping[str, UnlockedPositions]) -> Sequence[tuple[str, UnlockedPositions]]:
    return sorted(unlocked.items(), key=lambda item: (-item[1].positions, item[0]))


def _credential(
    name: str, unlocked: UnlockedPositions, openings: Mapping[str, PublicOpening], jobs: dict[str, PublicOpening]
) -> dict[str, Any]:
    """What the entry says of a credential; adds the jobs behind it to `jobs`."""
    behind = jobs_behind(unlocked.openings, openings)
    said = {"credential": name, "unlocked": unlocked.positions}
    if behind is None:
        return said
    jobs |= {each.opening_id: each for each in behind}
    return said | {"openings": [each.opening_id for each in behind]}


def signal_data(signal: ShortageSignal) -> dict[str, Any]:
    """As `GET /v1/signals` shows it to a provider."""
    said: dict[str, Any] = to_jsonable_python(asdict(guarded(signal)))
    return said
