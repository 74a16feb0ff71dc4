"""The service in figures, for operators."""

from fastapi import APIRouter

from contracts.introduction_status import IntroductionStatus
from contracts.vocabulary import AwardStatus
from learners.adapters.figures_repository import (
    count_awards_by_status,
    count_introductions_by_status,
    count_learners_by_seeking,
    count_signals_by_kind,
    count_signals_by_level,
)
from learners.domain.signal import LEVELS
from learners.entrypoints.figures_views import LearnerFigures, LearnersActivity, SignalFigures
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


def figures_routes() -> APIRouter:
    router = APIRouter(tags=["operations"], route_class=CheckedRoute)

    @router.get("/v1/activity", summary="Learners, awards, introductions and signals in numbers")
    async def read_activity(_operator: Operator, session: Reading) -> LearnersActivity:
        """Totals over all providers, counted now. They name no learner and no provider."""
        seeking = await count_learners_by_seeking(session)
        awards = await count_awards_by_status(session)
        introductions = await count_introductions_by_status(session)
        levels, kinds = await count_signals_by_level(session), await count_signals_by_kind(session)
        return LearnersActivity(
            learners=LearnerFigures(seeking=seeking.get(True, 0), not_seeking=seeking.get(False, 0)),
            awards={status.value: awards.get(status.value, 0) for status in AwardStatus},
            introductions={status.value: introductions.get(status.value, 0) for status in IntroductionStatus},
            signals=SignalFigures(
                by_level={level: levels.get(level, 0) for level in LEVELS},
                totals={name: kinds.get(kind, 0) for name, kind in _KINDS.items()},
            ),
        )

    return router
