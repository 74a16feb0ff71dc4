"""What goes on in the service, for operators."""

from fastapi import APIRouter
from pydantic import BaseModel

from learners.adapters.market_listings import MarketListings
from learners.domain.award import AwardStatus
from learners.domain.signal import LEVELS
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading

_KINDS = {
    "raised": "ShortageRaised",
    "eased": "ShortageEased",
    "cleared": "ShortageCleared",
    "silenced": "ShortageSilenced",
    "revised": "ShortageRevised",
}


class LearnerFigures(BaseModel):
    seeking: int
    not_seeking: int


class SignalFigures(BaseModel):
    """`by_level` counts the cells as they are now, `totals` every signal that ever came."""

    by_level: dict[str, int]
    totals: dict[str, int]


class LearnersActivity(BaseModel):
    learners: LearnerFigures
    awards: dict[str, int]
    signals: SignalFigures


def activity_routes() -> APIRouter:
    router = APIRouter(tags=["operations"], route_class=CheckedRoute)

    @router.get("/v1/activity", summary="Learners, awards and signals in numbers")
    async def read_activity(_operator: Operator, session: Reading) -> LearnersActivity:
        market = MarketListings(session)
        seeking = await market.learners_by_seeking()
        awards = await market.awards_by_status()
        levels, kinds = await market.signals_by_level(), await market.signals_by_kind()
        return LearnersActivity(
            learners=LearnerFigures(seeking=seeking.get(True, 0), not_seeking=seeking.get(False, 0)),
            awards={status.value: awards.get(status.value, 0) for status in AwardStatus},
            signals=SignalFigures(
                by_level={level: levels.get(level, 0) for level in LEVELS},
                totals={name: kinds.get(kind, 0) for name, kind in _KINDS.items()},
            ),
        )

    return router
