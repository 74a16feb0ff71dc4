"""What a learner reads and answers by a link of the provider. There is no API key: the token in the address is the right."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from learners.adapters.unit_of_work import SERVICE, LearnersUnitsOfWork
from learners.application import linking
from learners.domain.errors import Absent
from learners.entrypoints.introduction_bodies import LearnerAnswerBody
from learners.entrypoints.introduction_routes import hash_of_token
from learners.entrypoints.introduction_views import ANSWERS, AskedView, asked_view
from learners.entrypoints.routing import LearnersRoute
from makersync.http.misses import MISSES, LimitOfMisses
from makersync.http.wiring import Reading, Transaction

ONE = ANSWERS + "/{token}"
TokenPath = Annotated[str, Path(description="The token of the link.", examples=["Zk3vT0s9n1xQ8m2Lr7YwB4cJ6hD5gFqA0uE_iKoPtXs"])]


def learner_answer_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["learner answers"], route_class=LearnersRoute)

    @router.get(ONE, responses=MISSES, summary="Read what an employer asks, as the learner")
    async def read_learner_answer(token: TokenPath, request: Request, limit: LimitOfMisses, session: Reading) -> AskedView:
        """The job, its pay and place, the employer, its message, and which requirements the learner meets. Reading does not
        use the link up.

        Unknown and altered tokens are absent (404). Answered with 410 when the link was used (`link_used`), is too old
        (`link_expired`), or the introduction waits for no answer any more (`not_waiting`).
        """
        with limit.counting(request, Absent):
            introduction, _ = await linking.read_by_link(units_of_work.at(session, SERVICE), hash_of_token(request)(token))
        return asked_view(introduction)

    @router.post(ONE, responses=MISSES, summary="Accept or decline, as the learner")
    async def answer_as_learner(
        token: TokenPath, wanted: LearnerAnswerBody, request: Request, limit: LimitOfMisses, session: Transaction
    ) -> AskedView:
        """Once: then the link is used up, and the answer stands as if the provider had given it. Refused as reading is, and
        (409) when the learner does not seek or consent any more.
        """
        with limit.counting(request, Absent):
            digest = hash_of_token(request)(token)
            answered = await linking.answer_by_link(units_of_work.at(session, SERVICE), digest, wanted.refusal())
        return asked_view(answered)

    return router
