"""All that a page shows of one learner, from the same views as the API's answers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters import match_repository
from learners.adapters.catalog_repository import CatalogRepository, training_weeks_of
from learners.adapters.introduction_repository import LearnerIntroductionFilter, list_introductions
from learners.adapters.learner_repository import learners_like
from learners.adapters.opening_copies import openings_of
from learners.adapters.pathway_repository import pathways_of_learner
from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.pathway import best_steps, credentials_in, openings_in
from learners.entrypoints.introduction_views import LearnerIntroductionView
from learners.entrypoints.learner_views import PersonalLearnerView, personal_view
from learners.entrypoints.match_views import LearnerMatchView
from learners.entrypoints.pathway_views import PathwayStepView, PathwayView
from makersync.http.pagination import PageRequest

_MOST_SHOWN = 50
#: From so many days before its end on, an award ends soon.
ENDS_SOON_DAYS = 90


@dataclass(frozen=True, slots=True)
class LearnerReading:
    """Reads for the learner's own provider, within one database session."""

    session: AsyncSession
    uow: LearnersUnitOfWork
    tenant: str
    confirm_days: int

    async def learner(self, learner_id: str) -> PersonalLearnerView:
        """Raises Absent."""
        learner = await self.uow.learners.get(learner_id)
        return personal_view(learner, await self.uow.learners.person(learner_id), self.uow.clock.today())

    async def whole(self, learner_id: str) -> Mapping[str, Any]:
        """The values of the learner's page. Raises Absent."""
        learner, person = await self.uow.learners.get(learner_id), await self.uow.learners.person(learner_id)
        view = personal_view(learner, person, self.uow.clock.today())
        pathways = await self._pathways(learner_id)
        named = {each.credential for each in view.awards} | {each.credential for each in pathways.credentials}
        return {
            "learner": view,
            "alike": await learners_like(self.session, learner, person),
            "region": self.uow.places.region_name(view.region),
            "pathways": pathways,
            "matches": await self._matches(learner_id),
            "live_count": await match_repository.count_live_matches(self.session, learner_id),
            "introductions": await self._introductions(learner_id),
            "names": await credential_names(self.session, named),
            "ends_soon_days": ENDS_SOON_DAYS,
        }

    async def _pathways(self, learner_id: str) -> PathwayView:
        pathways = await pathways_of_learner(self.session, learner_id)
        steps = best_steps(pathways, await training_weeks_of(self.session, credentials_in(pathways)))
        openings = await openings_of(self.session, openings_in(steps))
        shown = [PathwayStepView.of(step, openings) for step in steps]
        return PathwayView(credentials=shown, as_of=min((each.as_of for each in pathways), default=None))

    async def _matches(self, learner_id: str) -> list[LearnerMatchView]:
        """Those that hold now, the best first."""
        found = await match_repository.list_matches(self.session, learner_id, True, PageRequest(_MOST_SHOWN))
        openings = await openings_of(self.session, [one.opening_id for one in found.items])
        views = [LearnerMatchView.of(one, openings.get(one.opening_id)) for one in found.items]
        return sorted(views, key=lambda each: -(each.score or 0))

    async def _introductions(self, learner_id: str) -> list[LearnerIntroductionView]:
        """The newest first."""
        wanted = LearnerIntroductionFilter(learner_id=learner_id)
        found = await list_introductions(self.session, self.tenant, wanted, PageRequest(_MOST_SHOWN))
        return [LearnerIntroductionView.of(one, self.confirm_days) for one in reversed(found.items)]


async def credential_names(session: AsyncSession, wanted: Collection[str]) -> Mapping[str, str]:
    """The name of each credential, by its id; of one that the catalog does not have, the id."""
    found = await CatalogRepository(session).credentials(wanted)
    return {each: found[each].definition.name if each in found else each for each in wanted}
