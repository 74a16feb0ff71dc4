"""The drafts that matching is asked about: a few ids of each employer and region, which are used again and again (decision
0062)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil

from openings.domain.errors import PreviewsWaiting
from openings.domain.preview import PreviewLimits

#: Drafts of one employer that may wait for their counts at a time, which also bounds the ids in each region.
MOST_OPEN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft at one version. `preview_id` is the preview that it asks for; None once it has ended."""

    draft_id: str
    employer_id: str
    region: str
    version: int
    preview_id: str | None
    changed_at: datetime


def next_draft(drafts: Sequence[Draft], ids: tuple[str, str], preview_id: str, limits: PreviewLimits, now: datetime) -> Draft:
    """The next version of the first draft of employer and region (`ids`) that asks for nothing.

    `drafts` are all of the employer. Raises PreviewsWaiting when too many of them wait for their counts.
    """
    employer_id, region = ids
    waiting = [draft for draft in drafts if draft.preview_id is not None]
    if len(waiting) >= MOST_OPEN:
        free_at = min(draft.changed_at for draft in waiting) + limits.wait
        raise PreviewsWaiting(MOST_OPEN, max(1, ceil((free_at - now).total_seconds())))
    known = {draft.draft_id: draft for draft in drafts}
    for number in range(1, MOST_OPEN + 1):
        draft_id = f"drf_{employer_id.removeprefix('emp_')}.{region}.{number}"
        draft = known.get(draft_id)
        if draft is None or draft.preview_id is None:
            version = 1 if draft is None else draft.version + 1
            return Draft(
                draft_id=draft_id,
                employer_id=employer_id,
                region=region,
                version=version,
                preview_id=preview_id,
                changed_at=now,
            )
    raise AssertionError("fewer drafts wait than there are ids")


def end(draft: Draft, now: datetime) -> Draft:
    """The next version, which asks for nothing."""
    return replace(draft, version=draft.version + 1, preview_id=None, changed_at=now)
