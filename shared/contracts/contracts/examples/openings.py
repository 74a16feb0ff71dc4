"""Examples of `openings.opening.v1`: a job on site with every field, and one done anywhere with as few as there can be."""

from datetime import date
from typing import Any

from contracts.examples.story import ANYWHERE, CLEVELAND, EMPLOYER, OPENING, REMOTE_OPENING, Example
from contracts.openings import CompetencyWanted, CredentialWanted, OpeningState, RequirementGroupState

GROUPS = (
    RequirementGroupState(
        id="milling",
        necessity="required",
        any_of=(
            CredentialWanted(credential="nims:cnc-milling-operator"),
            CompetencyWanted(competency="machining.cnc-milling", level=2),
        ),
    ),
    RequirementGroupState(
        id="measurement",
        necessity="required",
        any_of=(CompetencyWanted(competency="quality.measurement", level=2),),
        verified_only=True,
    ),
    RequirementGroupState(
        id="programming",
        necessity="trainable",
        any_of=(CompetencyWanted(competency="machining.cnc-programming", level=3),),
    ),
    RequirementGroupState(
        id="safety",
        necessity="preferred",
        any_of=(
            CredentialWanted(credential="osha:10-general-industry"),
            CompetencyWanted(competency="safety.workplace", level=2),
        ),
        weight=2,
    ),
)
_ON_SITE = OpeningState(
    opening_id=OPENING,
    employer_id=EMPLOYER,
    employer_name="Cuyahoga Precision",
    region=CLEVELAND,
    title="CNC mill operator, second shift",
    occupation="51-9161.00",
    zip="44114",
    positions=3,
    start_by=date(2027, 1, 4),
    closes_on=date(2026, 12, 18),
    shifts=("evening", "weekend"),
    wage_min=2350,
    wage_max=2825,
    groups=GROUPS,
    status="open",
)
_ANYWHERE = OpeningState(
    opening_id=REMOTE_OPENING,
    employer_id=EMPLOYER,
    region=ANYWHERE,
    title="CNC tool programmer",
    remote=True,
    positions=1,
    status="open",
)


def _on_site(kind: str, version: int, **changes: Any) -> Example:
    return Example(kind, OPENING, version, _ON_SITE.model_copy(update=changes))


def _anywhere(kind: str, version: int, **changes: Any) -> Example:
    return Example(kind, REMOTE_OPENING, version, _ANYWHERE.model_copy(update=changes), bare=True)


EXAMPLES = (
    _anywhere("OpeningPublished", 1),
    _on_site("OpeningPublished", 1),
    _anywhere("OpeningRevised", 2, positions=2),
    _on_site("OpeningRevised", 2, wage_max=2950),
    _anywhere("PositionsFilled", 3, positions=2, filled=2, status="filled"),
    _on_site("PositionsFilled", 3, wage_max=2950, filled=1),
    _anywhere("OpeningClosed", 2, status="closed"),
    _on_site("OpeningClosed", 4, wage_max=2950, filled=1, status="closed"),
    _anywhere("OpeningReopened", 3),
    _on_site("OpeningReopened", 5, wage_max=2950, filled=1),
    _anywhere("OpeningExpired", 2, closes_on=date(2026, 11, 15)),
    _on_site("OpeningExpired", 6, wage_max=2950, filled=1, closes_on=date(2026, 11, 13)),
)
