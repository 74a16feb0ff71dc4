"""What a change of the rules would do, for a terminal and as a document."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rich.console import Console
from rich.table import Table

from matching.adapters.market_file.writing import Document
from matching.domain.evaluation.proposed_rules import ProposedRules
from matching.domain.evaluation.replay import LevelChange, PairChange, RegionReplay, totals
from matching.domain.rules.matches import RankedMatch

_COLUMNS = {
    "gained": "gained",
    "lost": "lost",
    "revised": "revised",
    "rescored": "re-scored",
    "reranked": "re-ranked",
    "levels": "levels",
}
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Trial:
    """A change of the rules, and what it would do in every region with openings on `day`."""

    day: date
    live_version: int
    proposed: ProposedRules
    regions: Sequence[RegionReplay]


def trial_document(trial: Trial) -> Document:
    """Everything, pair by pair; regions without a difference are left out."""
    return {
        "day": trial.day.isoformat(),
        "policy_version": {"before": trial.live_version, "after": trial.proposed.policy.version},
        "numbers": {name: {"before": was, "after": becomes} for name, was, becomes in trial.proposed.numbers},
        "definitions": list(trial.proposed.definitions),
        "regions": [_region(each) for each in trial.regions if any(each.counts.values())],
        "totals": totals(trial.regions) | {"regions": len(trial.regions)},
    }


def show_trial(out: Console, trial: Trial) -> None:
    """The counts of every region that changes, and the cells whose level, or level ahead, does."""
    out.print(_headline(trial), markup=False)
    changing = [each for each in trial.regions if any(each.counts.values())]
    if not changing:
        out.print(f"No match and no level would change in any of {len(trial.regions)} regions.")
        return
    out.print(_table(trial, changing))
    for region in changing:
        for each in region.levels:
            out.print(f"{region.region} {each.subject}: {each.before.word} -> {each.after.word}", markup=False)
        for each in region.levels_ahead:
            out.print(f"{region.region} {each.subject}, ahead: {each.before.word} -> {each.after.word}", markup=False)


def described(proposed: ProposedRules) -> str:
    """What a proposal changes, in one line."""
    parts = [f"{name} {was} -> {becomes}" for name, was, becomes in proposed.numbers]
    if count := len(proposed.definitions):
        named = ", ".join(proposed.definitions[:_NAMED]) + (", ..." if count > _NAMED else "")
        parts.append(f"{count} definition{'' if count == 1 else 's'} ({named})")
    return "; ".join(parts) or "no change"


def _headline(trial: Trial) -> str:
    return f"On {trial.day}, beside policy {trial.live_version}: {described(trial.proposed)}. Nothing was touched."


def _table(trial: Trial, changing: Sequence[RegionReplay]) -> Table:
    table = Table(show_footer=True)
    summed = totals(trial.regions)
    table.add_column("region", footer=f"{len(changing)} of {len(trial.regions)}")
    for name, title in _COLUMNS.items():
        table.add_column(title, footer=str(summed[name]), justify="right")
    for region in changing:
        table.add_row(region.region, *(str(region.counts[name]) for name in _COLUMNS))
    return table


def _region(region: RegionReplay) -> Document:
    return {
        "region": region.region,
        "gained": [_match(each) for each in region.gained],
        "lost": [_match(each) for each in region.lost],
        "reranked": [_change(each, "rank", each.before.rank, each.after.rank) for each in region.reranked],
        "rescored": [_change(each, "score", each.before.facts.score, each.after.facts.score) for each in region.rescored],
        "revised": region.revised,
        "levels": [_level(each) for each in region.levels],
        "levels_ahead": [_level(each) for each in region.levels_ahead],
    }


def _match(match: RankedMatch) -> Document:
    pair = {"opening_id": match.opening_id, "learner_id": match.learner_id}
    return pair | {"rank": match.rank, "score": match.facts.score}


def _change(change: PairChange, name: str, before: int, after: int) -> Document:
    pair = {"opening_id": change.after.opening_id, "learner_id": change.after.learner_id}
    return pair | {name: {"before": before, "after": after}}


def _level(change: LevelChange) -> Document:
    return {"subject": change.subject, "before": change.before.word, "after": change.after.word}
