"""The newest version of every learner of a region, ended ones included, in the engine's table (compare `subject_versions`)."""

from collections.abc import Iterable, Iterator, Mapping

from matching.domain.engine.learner_table import LearnerTable
from matching.domain.market.subjects import MarketLearner
from matching.domain.region.state import Ended, Ending


class LearnerVersions:
    """A new state waits in `staged` until the engine takes it; None stands for a learner who ended."""

    def __init__(self, table: LearnerTable, ended: Iterable[Ended]) -> None:
        self._table = table
        self._ended = {end.id: end for end in ended}
        self._staged: dict[str, MarketLearner | None] = {}

    @property
    def staged(self) -> Mapping[str, MarketLearner | None]:
        """What the engine has not taken yet."""
        return self._staged

    def put(self, learner: MarketLearner) -> bool:
        """Take a newer state; False when it is not newer than the learner, or than the end."""
        if learner.version <= self.version(learner.learner_id):
            return False
        self._ended.pop(learner.learner_id, None)
        self._staged[learner.learner_id] = learner
        return True

    def remove(self, end: Ended) -> bool:
        """End a learner, known or not; False when the end is not newer."""
        if end.version <= self.version(end.id):
            return False
        self._ended[end.id] = end
        self._staged[end.id] = None
        return True

    def version(self, learner_id: str) -> int:
        """The newest version known, 0 for none."""
        if (end := self._ended.get(learner_id)) is not None:
            return end.version
        staged = self._staged.get(learner_id)
        return staged.version if staged is not None else self._table.version(learner_id)

    def get(self, learner_id: str) -> MarketLearner | None:
        """The learner, None when unknown or ended."""
        return self._staged[learner_id] if learner_id in self._staged else self._table.learner(learner_id)

    def is_erased(self, learner_id: str) -> bool:
        """Whether the learner ended for good."""
        end = self._ended.get(learner_id)
        return end is not None and end.ending == Ending.ERASED

    def ids(self) -> Iterator[str]:
        """The ids of all who have not ended, in no order."""
        yield from (learner_id for learner_id in self._table if learner_id not in self._staged)
        yield from (learner_id for learner_id, learner in self._staged.items() if learner is not None)

    def subjects(self) -> tuple[MarketLearner, ...]:
        """All learners who have not ended, by id."""
        found = (self.get(learner_id) for learner_id in sorted(self.ids()))
        return tuple(learner for learner in found if learner is not None)

    def ended(self) -> tuple[Ended, ...]:
        """All who ended, by id."""
        return tuple(end for _, end in sorted(self._ended.items()))

    def forget_staged(self) -> None:
        """The engine has taken everything."""
        self._staged = {}
