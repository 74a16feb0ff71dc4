"""The cells of a region: their levels through time and what they publish (MARKET.md sections 12 and 13)."""

from collections.abc import Iterable
from dataclasses import replace

from matching.domain.cells.counts import CellCounts
from matching.domain.cells.measuring import level_after, level_ahead_of
from matching.domain.cells.shortage_cell import CellMeasure, CellRecord, Level, Signal
from matching.domain.cells.signals import signal_kind
from matching.domain.rules.profile import Rules


class CellLevels:
    """The record of every cell that has or had a level; `turned` names those whose level of yesterday has changed."""

    def __init__(self, region: str, records: Iterable[CellRecord]) -> None:
        self._region = region
        self._records = {record.subject: record for record in records}
        self._changed: set[str] = set()
        self.turned: set[str] = set()

    def record(self, subject: str) -> CellRecord:
        """What the cell remembers; a cell without a past has no level."""
        return self._records.get(subject) or CellRecord(self._region, subject, Level.INSUFFICIENT_DATA)

    def records(self) -> tuple[CellRecord, ...]:
        """All records, by subject."""
        return tuple(self._records[subject] for subject in sorted(self._records))

    def subjects(self) -> Iterable[str]:
        """The subjects with a record."""
        return self._records.keys()

    def end_day(self) -> None:
        """Make the levels that hold yesterday's."""
        for record in self.records():
            if record.previous_level != (previous := _remembered(record.level)):
                self._keep(replace(record, previous_level=previous))
                self.turned.add(record.subject)

    def reconcile(self, counts: CellCounts, subjects: Iterable[str], rules: Rules) -> tuple[Signal, ...]:
        """Bring the records of `subjects` up to date with the counts, and return what they publish, by subject."""
        signals = [self._reconcile(subject, counts, rules) for subject in sorted(set(subjects))]
        self.turned.clear()
        return tuple(signal for signal in signals if signal is not None)

    def take_changed(self) -> tuple[CellRecord, ...]:
        """The records that changed since this was last asked, by subject."""
        changed = tuple(self.record(subject) for subject in sorted(self._changed))
        self._changed.clear()
        return changed

    def _reconcile(self, subject: str, counts: CellCounts, rules: Rules) -> Signal | None:
        exists = counts.has(subject)
        if not exists and subject not in self._records:
            return None
        record, measure = self.record(subject), counts.measure(subject, rules)
        level = level_after(record.previous_level, measure, rules.policy) if exists else Level.INSUFFICIENT_DATA
        signal = self._signal(record, level, measure, rules)
        previous = None if level == Level.INSUFFICIENT_DATA else record.previous_level
        if signal is not None or (level, previous) != (record.level, record.previous_level):
            self._keep(replace(record, level=level, previous_level=previous, signal=signal or record.signal))
        return signal

    def _signal(self, record: CellRecord, level: Level, measure: CellMeasure, rules: Rules) -> Signal | None:
        last = record.signal
        kind = signal_kind(last, level, measure, rules.policy)
        if kind is None:
            return None
        version, ahead = last.version + 1 if last is not None else 1, level_ahead_of(measure, rules.policy)
        return Signal(self._region, record.subject, version, kind, level, ahead, measure, rules.policy.version, rules.day)

    def _keep(self, record: CellRecord) -> None:
        if record != self.record(record.subject):
            self._records[record.subject] = record
            self._changed.add(record.subject)


def _remembered(level: Level) -> Level | None:
    return None if level == Level.INSUFFICIENT_DATA else level
