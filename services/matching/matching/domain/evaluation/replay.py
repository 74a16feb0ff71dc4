"""What other rules would change now: two evaluations of one state, compared region by region."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matching.domain.cells.measuring import level_after
from matching.domain.cells.shortage_cell import Cell, Level
from matching.domain.evaluation.reference import Evaluation
from matching.domain.market.policy import Policy
from matching.domain.rules.matches import RankedMatch


@dataclass(frozen=True, slots=True)
class PairChange:
    """A pair on the shortlist under both rules, ranked or described differently."""

    before: RankedMatch
    after: RankedMatch


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A cell whose level differs; INSUFFICIENT_DATA also stands for a cell that is not there."""

    subject: str
    before: Level
    after: Level


@dataclass(frozen=True, slots=True)
class RegionReplay:
    """What changes in one region. Pairs are by opening and learner id, levels and levels ahead by subject.

    A pair that changes in both ways is in `reranked` and in `rescored`. `revised` counts those that would be published again:
    a different score, component or outcome (MARKET.md section 10). A changed rank alone is not published.
    """

    region: str
    gained: tuple[RankedMatch, ...]
    lost: tuple[RankedMatch, ...]
    reranked: tuple[PairChange, ...]
    rescored: tuple[PairChange, ...]
    revised: int
    levels: tuple[LevelChange, ...]
    levels_ahead: tuple[LevelChange, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many of each, by name."""
        return {
            "gained": len(self.gained),
            "lost": len(self.lost),
            "reranked": len(self.reranked),
            "rescored": len(self.rescored),
            "revised": self.revised,
            "levels": len(self.levels),
            "levels_ahead": len(self.levels_ahead),
        }


@dataclass(frozen=True, slots=True)
class RegionEvaluation:
    """The evaluation of one region by a policy."""

    evaluation: Evaluation
    policy: Policy


def compare_region(
    region: str, before: RegionEvaluation, after: RegionEvaluation, yesterday: Mapping[str, Level]
) -> RegionReplay:
    """The differences; `yesterday` are the levels that the cells' levels go down from (section 12)."""
    old, new = _by_pair(before.evaluation.matches), _by_pair(after.evaluation.matches)
    both = [PairChange(old[pair], new[pair]) for pair in sorted(old.keys() & new.keys())]
    return RegionReplay(
        region,
        gained=tuple(new[pair] for pair in sorted(new.keys() - old.keys())),
        lost=tuple(old[pair] for pair in sorted(old.keys() - new.keys())),
        reranked=tuple(each for each in both if each.before.rank != each.after.rank),
        rescored=tuple(each for each in both if each.before.facts.score != each.after.facts.score),
        revised=sum(each.before.facts != each.after.facts for each in both),
        levels=_level_changes(_levels(before, yesterday), _levels(after, yesterday)),
        levels_ahead=_level_changes(_levels_ahead(before), _levels_ahead(after)),
    )


def totals(regions: Iterable[RegionReplay]) -> dict[str, int]:
    """The counts of all regions together."""
    summed = dict.fromkeys(("gained", "lost", "reranked", "rescored", "revised", "levels", "levels_ahead"), 0)
    for region in regions:
        summed = {name: count + region.counts[name] for name, count in summed.items()}
    return summed


def _by_pair(matches: Iterable[RankedMatch]) -> dict[tuple[str, str], RankedMatch]:
    return {(match.opening_id, match.learner_id): match for match in matches}


def _levels(judged: RegionEvaluation, yesterday: Mapping[str, Level]) -> dict[str, Level]:
    cells: tuple[Cell, ...] = judged.evaluation.cells
    return {cell.subject: level_after(yesterday.get(cell.subject), cell.measure, judged.policy) for cell in cells}


def _levels_ahead(judged: RegionEvaluation) -> dict[str, Level]:
    """They have no history (section 12)."""
    return {cell.subject: cell.level_ahead for cell in judged.evaluation.cells}


def _level_changes(before: Mapping[str, Level], after: Mapping[str, Level]) -> tuple[LevelChange, ...]:
    nothing = Level.INSUFFICIENT_DATA
    changes = (
        LevelChange(each, before.get(each, nothing), after.get(each, nothing)) for each in sorted(before.keys() | after.keys())
    )
    return tuple(each for each in changes if each.before != each.after)
