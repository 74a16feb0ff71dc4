"""The counts of a preview beside the form that they were asked for."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.vocabulary import Necessity
from makersync.pages.forms import SentForm
from openings.adapters.preview_repository import PreviewRepository
from openings.domain.errors import NoSuchThing
from openings.domain.preview import PreviewStatus
from openings.entrypoints.opening_form import TypedOpening
from openings.entrypoints.preview_views import PreviewView

#: What no learner is matched by.
_NOT_COUNTED = frozenset({"title", "positions", "occupation", "wage_min", "closes_on"})
#: After so long the page says that the matching service may be away, and looks less often.
_SLOW = timedelta(seconds=10)
#: The last previews of a day are left for the button.
KEPT_FOR_THE_BUTTON = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """The preview that a form has asked for, and the digest of what it asked."""

    preview_id: str = ""
    digest: str = ""

    @classmethod
    def by(cls, form: SentForm) -> "Asked":
        return cls(form.get("preview"), form.get("preview_of"))


@dataclass(frozen=True, slots=True)
class CountsWarning:
    """What counts say against an opening: the field to look at, a name of what it is, and the words."""

    field: str
    rule: str
    detail: str


@dataclass(frozen=True, slots=True)
class ShownCounts:
    """`view` is the preview, None before one was asked for and once it is forgotten. `is_current` says whether the form still
    asks the same. `left` is how many previews the employer has left today."""

    asked: Asked
    view: PreviewView | None
    is_current: bool
    is_slow: bool
    left: int

    @property
    def is_pending(self) -> bool:
        return self.view is not None and self.view.status is PreviewStatus.PENDING

    @property
    def asks_by_itself(self) -> bool:
        """Whether a page with scripts may ask after a pause in typing."""
        return self.left > KEPT_FOR_THE_BUTTON


def digest_of(typed: TypedOpening) -> str:
    """The same for forms that would get the same counts."""
    counted = {name: value for name, value in typed.body().items() if name not in _NOT_COUNTED}
    return hashlib.sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()[:16]


async def shown_counts(
    session: AsyncSession, tenant: str, asked: Asked, typed: TypedOpening, now: datetime, left: int
) -> ShownCounts:
    view = None
    if asked.preview_id:
        try:
            view = PreviewView.of(await PreviewRepository(session, tenant).get(asked.preview_id))
        except NoSuchThing:
            asked = Asked()
    is_slow = view is not None and now - view.asked_at > _SLOW
    return ShownCounts(asked, view, asked.digest == digest_of(typed), is_slow, left)


def warnings_of_counts(counts: ShownCounts, typed: TypedOpening) -> Sequence[CountsWarning]:
    """What the counts say against publishing the opening as it is."""
    if counts.view is None or counts.view.reach is None or not counts.is_current:
        return ()
    return list(_warnings(counts, sum(group.necessity == Necessity.REQUIRED for group in typed.groups)))


def _warnings(counts: ShownCounts, required: int) -> Iterator[CountsWarning]:
    assert counts.view is not None and counts.view.reach is not None
    reach = counts.view.reach
    if reach.in_reach.fewer_than == 1:
        yield CountsWarning("zip", "nobody_in_reach", "nobody who looks for work has this place in reach")
    elif reach.pass_gates.fewer_than == 1:
        yield CountsWarning("wage_max", "nobody_passes", "start, shifts or pay keep out everybody in reach")
    elif reach.qualified.fewer_than == 1:
        said = "nobody in reach holds what is required" if required == 1 else "nobody in reach meets all requirements together"
        yield CountsWarning("groups", "nobody_qualifies", said)
