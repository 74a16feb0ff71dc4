"""Examples of `openings.draft.v1`: the openings of the other examples, before they were published."""

from datetime import date

from contracts.drafts import DraftEnded, DraftState
from contracts.examples.openings import GROUPS
from contracts.examples.story import ANYWHERE, CLEVELAND, DRAFT, EMPLOYER, REMOTE_DRAFT, Example

_ON_SITE = DraftState(
    draft_id=DRAFT,
    employer_id=EMPLOYER,
    region=CLEVELAND,
    zip="44114",
    positions=3,
    start_by=date(2027, 1, 4),
    closes_on=date(2026, 12, 18),
    shifts=("evening", "weekend"),
    wage_min=2350,
    wage_max=2825,
    groups=GROUPS,
)
_ANYWHERE = DraftState(draft_id=REMOTE_DRAFT, employer_id=EMPLOYER, region=ANYWHERE, remote=True, positions=1)

EXAMPLES = (
    Example("DraftSubmitted", REMOTE_DRAFT, 1, _ANYWHERE, bare=True),
    Example("DraftSubmitted", DRAFT, 3, _ON_SITE),
    Example("DraftEnded", REMOTE_DRAFT, 2, DraftEnded(draft_id=REMOTE_DRAFT, employer_id=EMPLOYER, region=ANYWHERE), bare=True),
    Example("DraftEnded", DRAFT, 4, DraftEnded(draft_id=DRAFT, employer_id=EMPLOYER, region=CLEVELAND), caused=True),
)
