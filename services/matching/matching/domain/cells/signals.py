"""What a cell publishes (MARKET.md section 13)."""

from matching.domain.cells.measuring import level_ahead_of
from matching.domain.cells.shortage_cell import CellMeasure, Level, Signal, SignalKind
from matching.domain.market.policy import TENTHS, Policy


def signal_kind(last: Signal | None, level: Level, measure: CellMeasure, policy: Policy) -> SignalKind | None:
    """The event that a cell's level and components call for, None for none.

    `level` of a vanished cell is INSUFFICIENT_DATA. A cell that never published, or was silenced, comes from nothing:
    a first surplus or balanced is `revised`, a first shortage or severe is `raised`. A signal by version 1 of the rules, which
    has no level ahead, is revised once.
    """
    was = last.level if last is not None else Level.INSUFFICIENT_DATA
    if level == was:
        return _kind_of_same_level(last, measure, policy)
    if level == Level.INSUFFICIENT_DATA:
        return SignalKind.SILENCED
    if level > was and level >= Level.SHORTAGE:
        return SignalKind.RAISED
    if was >= Level.SHORTAGE:
        return SignalKind.EASED if level == Level.SHORTAGE else SignalKind.CLEARED
    return SignalKind.REVISED


def _kind_of_same_level(last: Signal | None, measure: CellMeasure, policy: Policy) -> SignalKind | None:
    if last is None or last.level == Level.INSUFFICIENT_DATA:
        return None
    is_news = last.level_ahead != level_ahead_of(measure, policy) or has_moved(last.measure, measure, policy)
    return SignalKind.REVISED if is_news else None


def has_moved(old: CellMeasure, new: CellMeasure, policy: Policy) -> bool:
    """Whether demand, supply, pipeline or blocked moved by more than the policy's share of the old value."""
    pairs = (
        (old.demand, new.demand),
        (old.supply, new.supply),
        (old.pipeline, new.pipeline),
        (old.blocked, new.blocked),
    )
    return any(TENTHS * abs(after - before) > policy.revision_tenths * before for before, after in pairs)
