"""The pathways of a region's learners as they were last published (MARKET.md section 11)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from matching.domain.pathways.unlocking import Unlocked
from matching.domain.rules.matches import MOST_OWN

_VERSION_BYTES = 8
_DIGEST_BYTES = 16
FEWEST_ENDED = 1000
"""Up to this many ended pathways are remembered one by one, or as many as there are others."""


@dataclass(frozen=True, slots=True)
class PathwayRecord:
    """The last event of a learner in a region: the `digest` of the list that was published, None once the pathway has ended."""

    learner_id: str
    version: int
    digest: bytes | None


@dataclass(frozen=True, slots=True)
class PathwayChange:
    """One event: the record to store and the list to publish, by credential id; `provider_id` None when the pathway ended."""

    region: str
    record: PathwayRecord
    provider_id: str | None = None
    unlocked: tuple[Unlocked, ...] = ()


class PublishedPathways:
    """The version and digest of every published pathway instead of its list, because a nation has millions of learners.

    `floor` is the highest version that was forgotten: the pathway of a learner who is not known continues above it.
    """

    def __init__(self, region: str, records: Iterable[PathwayRecord] = (), floor: int = 0) -> None:
        self._region = region
        self._published: dict[str, bytes] = {}
        self._ended: dict[str, int] = {}
        self.floor = floor
        for record in records:
            if record.digest is not None or record.version > floor:
                self._keep(record)

    def publish(self, learner_id: str, provider_id: str, unlocked: tuple[Unlocked, ...]) -> PathwayChange | None:
        """What to publish of a list as it is now; None when it was published last, or is empty and never was published.

        A list that was published before openings were named counts as the same, until it differs in something else.
        """
        last, digest = self._digest(learner_id), digest_of(provider_id, unlocked)
        if digest == last or (last is None and not unlocked) or last == _unnamed_digest(provider_id, unlocked):
            return None
        record = self._keep(PathwayRecord(learner_id, self._next(learner_id), digest))
        return PathwayChange(self._region, record, provider_id, unlocked)

    def end(self, learner_id: str) -> PathwayChange | None:
        """What to publish of a learner who has left; None when no list was published."""
        if self._digest(learner_id) is None:
            return None
        return PathwayChange(self._region, self._keep(PathwayRecord(learner_id, self._next(learner_id), None)))

    def listed(self) -> Iterator[str]:
        """The learners with a published list, which may be empty, and which has not ended."""
        return iter(self._published)

    def _digest(self, learner_id: str) -> bytes | None:
        return self._published.get(learner_id, b"")[_VERSION_BYTES:] or None

    def _next(self, learner_id: str) -> int:
        if (packed := self._published.get(learner_id)) is not None:
            return int.from_bytes(packed[:_VERSION_BYTES], "big") + 1
        return self._ended.get(learner_id, self.floor) + 1

    def _keep(self, record: PathwayRecord) -> PathwayRecord:
        """One object for each learner: the version followed by the digest, or the version alone once the pathway has ended."""
        if record.digest is not None:
            self._ended.pop(record.learner_id, None)
            self._published[record.learner_id] = record.version.to_bytes(_VERSION_BYTES, "big") + record.digest
        else:
            self._published.pop(record.learner_id, None)
            self._ended[record.learner_id] = record.version
            self._forget_ended()
        return record

    def _forget_ended(self) -> None:
        if len(self._ended) > max(FEWEST_ENDED, len(self._published)):
            self.floor = max([self.floor, *(version for version in self._ended.values() if version <= MOST_OWN)])
            self._ended = {learner_id: version for learner_id, version in self._ended.items() if version > MOST_OWN}


def digest_of(provider_id: str, unlocked: Iterable[Unlocked]) -> bytes:
    """Equal for the same list, by credential id, of the same provider's learner, and only for those (16 bytes)."""
    listed = tuple(unlocked)
    if not any(each.openings for each in listed):
        return _unnamed_digest(provider_id, listed)
    return blake2b(msgspec.msgpack.encode((provider_id, listed)), digest_size=_DIGEST_BYTES).digest()


def _unnamed_digest(provider_id: str, unlocked: Iterable[Unlocked]) -> bytes:
    """That of the list without names, as lists were published before openings were named."""
    said = (provider_id, *((each.credential, each.unlocked) for each in unlocked))
    return blake2b(repr(said).encode(), digest_size=_DIGEST_BYTES).digest()
