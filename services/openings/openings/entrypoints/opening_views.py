"""How openings are shown."""

from collections.abc import Iterable
from datetime import date, datetime

from pydantic import Field

from contracts.openings import OpeningFacts
from contracts.wire import ZONED
from makersync.http.response_warnings import Warned, warnings_of
from makersync.remarks import Remark
from openings.adapters.opening_events import opening_facts
from openings.domain.opening import Opening
from openings.domain.reach import CountBounds
from openings.entrypoints.fields import ChangedAt
from openings.entrypoints.reach_views import CountRangeView
from reference.places import load_places


class OpeningView(OpeningFacts):
    """An opening as it stands today."""

    version: int = Field(description="Grows with every change. `If-Match` names it, in quotation marks.", examples=[1])
    remaining: int = Field(description="Positions that are not filled: `positions` less `filled`.", examples=[2])
    live: bool = Field(
        description=f"Whether candidates are matched today {ZONED}: it is open, positions remain and its closing date has not "
        "passed (MARKET.md section 3).",
        examples=[True],
    )
    expired: bool = Field(description=f"Whether its closing date has passed {ZONED}, whatever its status.")
    region_name: str = Field(description="The name of its region, for people.", examples=["Toledo, OH"])
    candidates: int = Field(description="Learners on its shortlist now.", examples=[1])
    near_misses: CountRangeView | None = Field(
        description="Learners who pass every gate and lack one required group alone; null when nothing is counted. "
        "`GET /v1/openings/{opening_id}/reach` says what they lack."
    )
    published_at: datetime = Field(description="When it was published, UTC.")
    changed_at: ChangedAt

    @classmethod
    def of(cls, opening: Opening, candidates: int, near_misses: CountBounds | None, today: date) -> "OpeningView":
        return cls(
            **dict(opening_facts(opening)),
            version=opening.version,
            remaining=opening.remaining,
            live=opening.live(today),
            expired=opening.expired(today),
            region_name=load_places().region_name(opening.region),
            candidates=candidates,
            near_misses=None if near_misses is None else CountRangeView.of(near_misses),
            published_at=opening.published_at,
            changed_at=opening.changed_at,
        )


class AcceptedOpeningView(OpeningView, Warned):
    """An opening that was published or revised, with warnings."""

    @classmethod
    def with_warnings(cls, view: OpeningView, remarks: Iterable[Remark]) -> "AcceptedOpeningView":
        return cls(**dict(view), warnings=warnings_of(remarks))
