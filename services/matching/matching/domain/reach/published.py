"""Whom the openings and drafts of a region reach, as it was last published (MARKET.md section 15)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from matching.domain.reach.guard import ReachTold

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class ReachRecord:
    """The last event of an opening or a draft: `subject_version` is the version that was counted for, or that ended it;
    `digest` is that of what was told, None once it has ended."""

    subject_id: str
    version: int
    subject_version: int
    employer_id: str
    is_draft: bool
    digest: bytes | None


@dataclass(frozen=True, slots=True)
class ReachChange:
    """One event: the record to store and what to tell; `told` is None when there is an end to tell."""

    region: str
    record: ReachRecord
    told: ReachTold | None = None


@dataclass(frozen=True, slots=True)
class AskedSubject:
    """An opening or a draft at the version that is counted for."""

    subject_id: str
    version: int
    employer_id: str
    is_draft: bool


class PublishedReach:
    """The last record of every opening and draft, ended ones included: there are few drafts, and openings have no other end
    either."""

    def __init__(self, region: str, records: Iterable[ReachRecord] = ()) -> None:
        self._region = region
        self._records = {record.subject_id: record for record in records}

    def publish(self, subject: AskedSubject, told: ReachTold) -> ReachChange | None:
        """What to publish of counts as they are now; None when they were published last, for the same version."""
        last = self._records.get(subject.subject_id)
        digest = digest_of(subject.employer_id, subject.version, told)
        if last is not None and last.digest == digest:
            return None
        return ReachChange(self._region, self._keep(subject, digest), told)

    def end(self, subject_id: str, version: int | None = None) -> ReachChange | None:
        """What to publish of an opening or draft that has ended, at the version of its end if it has one; None when nothing
        was published."""
        last = self._records.get(subject_id)
        if last is None or last.digest is None:
            return None
        ended = AskedSubject(subject_id, version or last.subject_version, last.employer_id, last.is_draft)
        return ReachChange(self._region, self._keep(ended, None))

    def answered(self, subject_id: str) -> int:
        """The newest version that was counted for or ended, 0 for none."""
        last = self._records.get(subject_id)
        return 0 if last is None else last.subject_version

    def openings(self) -> Iterator[str]:
        """The openings, without drafts, of which counts are published that have not ended."""
        return (each.subject_id for each in self._records.values() if each.digest is not None and not each.is_draft)

    def _keep(self, subject: AskedSubject, digest: bytes | None) -> ReachRecord:
        last = self._records.get(subject.subject_id)
        version = 1 if last is None else last.version + 1
        record = ReachRecord(subject.subject_id, version, subject.version, subject.employer_id, subject.is_draft, digest)
        self._records[subject.subject_id] = record
        return record


def digest_of(employer_id: str, subject_version: int, told: ReachTold) -> bytes:
    """Equal for the same counts of the same version, and only for those (16 bytes)."""
    said = (employer_id, subject_version, told)
    return blake2b(repr(said).encode(), digest_size=_DIGEST_BYTES).digest()
