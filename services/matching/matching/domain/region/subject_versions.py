"""The newest version of every subject of one kind, ended ones included (DESIGN, exactly-once effects, 4)."""

from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

from matching.domain.region.state import Ended, Ending


class Versioned(Protocol):
    """A subject whose version only grows."""

    @property
    def version(self) -> int:
        """The version of this state."""
        ...


SubjectT = TypeVar("SubjectT", bound=Versioned)


class SubjectVersions(Generic[SubjectT]):
    """Subjects by id; an ended one leaves its version behind, so that a late copy changes nothing."""

    def __init__(
        self,
        subjects: Iterable[SubjectT],
        ended: Iterable[Ended],
        id_of: Callable[[SubjectT], str],
        owner_of: Callable[[SubjectT], str],
    ) -> None:
        self._id_of, self._owner_of = id_of, owner_of
        self._subjects = {id_of(subject): subject for subject in subjects}
        self._ended = {end.id: end for end in ended}
        self._resting: dict[str, tuple[int, str]] = {}
        self._touched: set[str] = set()

    def touch_all(self) -> None:
        """Everything counts as touched, as after a restart."""
        self._touched.update(self._subjects)

    def take_touched(self) -> dict[str, SubjectT | None]:
        """What was touched since the last time; None for a subject that ended."""
        touched, self._touched = self._touched, set()
        return {subject_id: self._subjects.get(subject_id) for subject_id in touched}

    def put(self, subject: SubjectT) -> bool:
        """Take a newer state; False when it is not newer than the subject, or than its end."""
        subject_id = self._id_of(subject)
        if subject.version <= self.version(subject_id):
            return False
        self._ended.pop(subject_id, None)
        self._resting.pop(subject_id, None)
        self._subjects[subject_id] = subject
        self._touched.add(subject_id)
        return True

    def remove(self, end: Ended) -> bool:
        """End a subject, known or not; False when the end is not newer."""
        if end.version <= self.version(end.id):
            return False
        self._subjects.pop(end.id, None)
        self._resting.pop(end.id, None)
        self._ended[end.id] = end
        self._touched.add(end.id)
        return True

    def rest(self, subject_ids: Iterable[str], is_at_rest: Callable[[SubjectT], bool]) -> None:
        """Keep only the version and the owner of those that are at rest."""
        for subject_id in subject_ids:
            subject = self._subjects.get(subject_id)
            if subject is not None and is_at_rest(subject):
                del self._subjects[subject_id]
                self._resting[subject_id] = subject.version, self._owner_of(subject)

    def version(self, subject_id: str) -> int:
        """The newest version known, 0 for none."""
        newest = self._subjects.get(subject_id) or self._ended.get(subject_id)
        return newest.version if newest is not None else self._resting.get(subject_id, (0, ""))[0]

    def owner(self, subject_id: str) -> str | None:
        """Whose the subject is, at rest or not; None when unknown or ended."""
        subject = self._subjects.get(subject_id)
        if subject is not None:
            return self._owner_of(subject)
        return self._resting[subject_id][1] if subject_id in self._resting else None

    def get(self, subject_id: str) -> SubjectT | None:
        """The subject, None when unknown, ended or at rest."""
        return self._subjects.get(subject_id)

    def is_erased(self, subject_id: str) -> bool:
        """Whether the subject ended for good."""
        end = self._ended.get(subject_id)
        return end is not None and end.ending == Ending.ERASED

    def subjects(self) -> tuple[SubjectT, ...]:
        """All subjects that have not ended, by id."""
        return tuple(subject for _, subject in sorted(self._subjects.items()))

    def ended(self) -> tuple[Ended, ...]:
        """All that ended or are at rest, by id."""
        resting = (Ended(subject_id, version, Ending.WITHDRAWN) for subject_id, (version, _) in self._resting.items())
        return tuple(sorted((*self._ended.values(), *resting), key=lambda end: end.id))
