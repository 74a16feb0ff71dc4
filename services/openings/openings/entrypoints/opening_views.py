"""How openings are shown."""

from collections.abc import Iterable
from datetime import date, datetime

from pydantic import Field

from contracts.openings import OpeningState
from makersync.http.warned import Warned, warnings_of
from makersync.remarks import Remark
from openings.adapters.opening_events import opening_state
from openings.domain.opening import Opening
from reference.places import load_places


class OpeningView(OpeningState):
    """An opening. `live`: candidates are matched today. `expired`: its closing date has passed."""

    version: int
    remaining: int
    live: bool
    expired: bool
    region_name: str
    candidates: int = Field(description="Learners on its shortlist.")
    published_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, opening: Opening, candidates: int, today: date) -> "OpeningView":
        return cls(
            **dict(opening_state(opening)),
            version=opening.version,
            remaining=opening.remaining,
            live=opening.live(today),
            expired=opening.expired(today),
            region_name=load_places().region_name(opening.region),
            candidates=candidates,
            published_at=opening.published_at,
            changed_at=opening.changed_at,
        )


class AcceptedOpeningView(OpeningView, Warned):
    """An opening that was published or revised, with warnings."""

    @classmethod
    def with_warnings(cls, view: OpeningView, remarks: Iterable[Remark]) -> "AcceptedOpeningView":
        return cls(**dict(view), warnings=warnings_of(remarks))
