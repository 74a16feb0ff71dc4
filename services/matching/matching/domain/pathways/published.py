"""What the learners of a region were last told of their pathways (MARKET.md section 11)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from matching.domain.pathways.unlocking import Unlocked
from matching.domain.rules.matches import MOST_OWN

_VERSION_BYTES = 8
_DIGEST_BYTES = 16
FEWEST_ENDED = 1000
"""Up to so many ended pathways are remembered one by one, or as many as there are others."""


@dataclass(frozen=True, slots=True)
class PathwayRecord:
    """The last event of a learner in a region: `digest` of the list that was told, None once the pathway has ended."""

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
    """Version and digest of everybody who was told, instead of lists: a nation has millions of learners and regions.

    `floor` is the highest version of anybody who was forgotten: whoever is not known goes on above it.
    """

    def __init__(self, region: str, records: Iterable[PathwayRecord] = (), floor: int = 0) -> None:
        self._region = region
        self._told: dict[str, bytes] = {}
        self._ended: dict[str, int] = {}
        self.floor = floor
        for record in records:
            if record.digest is not None or record.version > floor:
                self._keep(record)

    def tell(self, learner_id: str, provider_id: str, unlocked: tuple[Unlocked, ...]) -> PathwayChange | None:
        """What to publish of a list as it is now; None when it is what was told last, or nothing and never was anything."""
        last, digest = self._digest(learner_id), digest_of(provider_id, unlocked)
        if digest == last or (last is None and not unlocked):
            return None
        record = self._keep(PathwayRecord(learner_id, self._next(learner_id), digest))
        return PathwayChange(self._region, record, provider_id, unlocked)

    def end(self, learner_id: str) -> PathwayChange | None:
        """What to publish of a learner who is gone; None when there is no list that would have to end."""
        if self._digest(learner_id) is None:
            return None
        return PathwayChange(self._region, self._keep(PathwayRecord(learner_id, self._next(learner_id), None)))

    def listed(self) -> Iterator[str]:
        """Those who were told of a list, even of an empty one, and of no end."""
        return iter(self._told)

    def _digest(self, learner_id: str) -> bytes | None:
        return self._told.get(learner_id, b"")[_VERSION_BYTES:] or None

    def _next(self, learner_id: str) -> int:
        if (told := self._told.get(learner_id)) is not None:
            return int.from_bytes(told[:_VERSION_BYTES], "big") + 1
        return self._ended.get(learner_id, self.floor) + 1

    def _keep(self, record: PathwayRecord) -> PathwayRecord:
        """One object a learner: the version with the digest behind it, or the version alone once the pathway has ended."""
        if record.digest is not None:
            self._ended.pop(record.learner_id, None)
            self._told[record.learner_id] = record.version.to_bytes(_VERSION_BYTES, "big") + record.digest
        else:
            self._told.pop(record.learner_id, None)
            self._ended[record.learner_id] = record.version
            self._forget_ended()
        return record

    def _forget_ended(self) -> None:
        if len(self._ended) > max(FEWEST_ENDED, len(self._told)):
            self.floor = max([self.floor, *(version for version in self._ended.values() if version <= MOST_OWN)])
            self._ended = {learner_id: version for learner_id, version in self._ended.items() if version > MOST_OWN}


def digest_of(provider_id: str, unlocked: Iterable[Unlocked]) -> bytes:
    """Equal for the same list, by credential id, of the same provider's learner, and only for those (16 bytes)."""
    said = (provider_id, *((each.credential, each.unlocked) for each in unlocked))
    return blake2b(repr(said).encode(), digest_size=_DIGEST_BYTES).digest()
