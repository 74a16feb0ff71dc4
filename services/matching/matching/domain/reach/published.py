"""Whom the openings and drafts of a region reach, as it was last published (MARKET.md section 15)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b

from matching.domain.market.subjects import MarketOpening
from matching.domain.reach.disclosure_control import ToldCounts
from matching.domain.rules.digests import groups_digest
from matching.domain.rules.groups import ask
from matching.domain.rules.matches import MOST_OWN

_DIGEST_BYTES = 16
MOST_NEW_TERMS = 10
"""So many times a day an opening with new terms is counted for: what changes with each step of the terms would tell about
single learners."""
FEWEST_ENDED = 1000
"""Up to this many ended openings of a region are remembered one by one, or as many as there are others."""


@dataclass(frozen=True, slots=True)
class CountedTerms:
    """What was last counted for of an opening: a digest of its terms, None when it is not known, the day, and how many times
    they had changed on it."""

    digest: bytes | None
    day: date | None
    changes: int

    def followed_by(self, digest: bytes, day: date) -> "CountedTerms":
        """The same with terms that are counted for on a day."""
        changes = self.changes if self.day == day else 0
        return CountedTerms(digest, day, changes + (digest != self.digest))

    def must_wait(self, digest: bytes, day: date) -> bool:
        """Whether other terms are not counted for before the next day."""
        return digest != self.digest and day == self.day and self.changes >= MOST_NEW_TERMS


NO_TERMS = CountedTerms(None, None, 0)


@dataclass(frozen=True, slots=True)
class CountsRecord:
    """The last event of an opening or a draft: `subject_version` is the version that was counted for, or that ended it;
    `digest` is that of what was told, None once it has ended. A draft has no terms to remember."""

    subject_id: str
    version: int
    subject_version: int
    employer_id: str
    is_draft: bool
    digest: bytes | None
    terms: CountedTerms = NO_TERMS


@dataclass(frozen=True, slots=True)
class CountsChange:
    """One event: the record to store and what to tell; `told` is None when there is an end to tell."""

    region: str
    record: CountsRecord
    told: ToldCounts | None = None


@dataclass(frozen=True, slots=True)
class AskedSubject:
    """An opening or a draft at the version that is counted for, with a digest of its terms."""

    subject_id: str
    version: int
    employer_id: str
    is_draft: bool
    terms: bytes


class PublishedCounts:
    """The last record of every opening and draft, ended ones included.

    Drafts are few. Where many openings have ended, they are forgotten: `floor` is the highest version that was forgotten, and
    an opening or draft that is not known continues above it.
    """

    def __init__(self, region: str, records: Iterable[CountsRecord] = (), floor: int = 0, day: date | None = None) -> None:
        """Of `records`, those that ended on `day`, the market's, are kept below the floor too: they may open again, and their
        terms change no more often for it."""
        self._region = region
        self.floor = floor
        self._records = {
            each.subject_id: each
            for each in records
            if not _is_forgettable(each) or each.version > floor or _ended_from(each, day)
        }
        self._ended = sum(_is_forgettable(each) for each in self._records.values())

    def must_wait(self, subject: AskedSubject, day: date) -> bool:
        """Whether an opening has changed its terms so often on that day that it is not counted for before the next one."""
        last = self._records.get(subject.subject_id)
        return last is not None and not subject.is_draft and last.terms.must_wait(subject.terms, day)

    def publish(self, subject: AskedSubject, told: ToldCounts, day: date) -> CountsChange | None:
        """What to publish of counts as they are now; None when they were published last, for the same version."""
        last = self._records.get(subject.subject_id)
        digest = digest_of(subject.employer_id, subject.version, told)
        if last is not None and last.digest == digest:
            return None
        terms = NO_TERMS
        if not subject.is_draft:
            terms = CountedTerms(subject.terms, day, 0) if last is None else last.terms.followed_by(subject.terms, day)
        record = CountsRecord(
            subject.subject_id, self._next(last), subject.version, subject.employer_id, subject.is_draft, digest, terms
        )
        return CountsChange(self._region, self._keep(record), told)

    def end(self, subject_id: str, day: date, version: int | None = None) -> CountsChange | None:
        """What to publish of an opening or draft that has ended, at the version of its end if it has one; None when nothing
        was published."""
        last = self._records.get(subject_id)
        if last is None or last.digest is None:
            return None
        changes = last.terms.changes if last.terms.day == day else 0
        ended = replace(
            last,
            version=self._next(last),
            subject_version=version or last.subject_version,
            digest=None,
            terms=replace(last.terms, day=day, changes=changes),
        )
        change = CountsChange(self._region, self._keep(ended))
        self._forget_ended(day)
        return change

    def answered(self, subject_id: str) -> int:
        """The newest version that was counted for or ended, 0 for none."""
        last = self._records.get(subject_id)
        return 0 if last is None else last.subject_version

    def openings(self) -> Iterator[str]:
        """The openings, without drafts, of which counts are published that have not ended."""
        return (each.subject_id for each in self._records.values() if each.digest is not None and not each.is_draft)

    def _next(self, last: CountsRecord | None) -> int:
        return 1 + (self.floor if last is None else last.version)

    def _keep(self, record: CountsRecord) -> CountsRecord:
        last = self._records.get(record.subject_id)
        self._ended += _is_forgettable(record) - (last is not None and _is_forgettable(last))
        self._records[record.subject_id] = record
        return record

    def _forget_ended(self, day: date) -> None:
        """Those that ended today are kept, because their terms may still be told from new ones."""
        if self._ended <= max(FEWEST_ENDED, len(self._records) - self._ended):
            return
        old = [each for each in self._records.values() if _is_forgettable(each) and each.terms.day != day]
        for record in old:
            self.floor = max(self.floor, record.version)
            del self._records[record.subject_id]
        self._ended -= len(old)


def _is_forgettable(record: CountsRecord) -> bool:
    """An opening, not a draft, that has ended. Versions that this service has not written are remembered one by one."""
    return record.digest is None and not record.is_draft and record.version <= MOST_OWN


def _ended_from(record: CountsRecord, day: date | None) -> bool:
    return day is not None and record.terms.day is not None and record.terms.day >= day


def terms_of(opening: MarketOpening) -> bytes:
    """Equal for terms under which the same learners are counted in the same way (16 bytes)."""
    required = groups_digest(each.group for each in ask(opening.groups).required)
    said = (opening.zip, opening.start_by, sorted(opening.shifts), opening.wage_max, required)
    return blake2b(repr(said).encode(), digest_size=_DIGEST_BYTES).digest()


def digest_of(employer_id: str, subject_version: int, told: ToldCounts) -> bytes:
    """Equal for the same counts of the same version, and only for those (16 bytes)."""
    said = (employer_id, subject_version, told)
    return blake2b(repr(said).encode(), digest_size=_DIGEST_BYTES).digest()
