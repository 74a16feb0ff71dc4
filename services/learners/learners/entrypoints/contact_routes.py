"""Name and contact of a learner, for the employer whose introduction was accepted: shown here and nowhere else."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from learners.adapters.unit_of_work import SERVICE, LearnersUnitsOfWork
from learners.application.contacting import read_contact
from learners.domain.errors import Absent
from learners.entrypoints.contact_counting import counting_readings
from learners.entrypoints.introduction_views import ContactView
from learners.entrypoints.routing import LearnersRoute
from makersync.http.misses import MISSES, LimitOfMisses
from makersync.http.problems import Unauthorized
from makersync.http.wiring import Transaction

AnyIntroductionPath = Annotated[
    str, Path(description="Id of an introduction that was accepted.", examples=["int_01m8mx9d2k6v4t8wq1hz3n7r5c"])
]
_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="contact_token",
    description="The token that the openings service gives the employer for one introduction. It is no API key.",
)


async def _token(given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    """Raises Unauthorized."""
    if given is None:
        raise Unauthorized("token_missing", "Send the token of the introduction: Authorization: Bearer ...")
    return given.credentials


#: Declared before the transaction, so that nobody without a token begins one.
Token = Annotated[str, Depends(_token)]


def contact_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["contacts"], route_class=LearnersRoute)

    @router.get(
        "/v1/contacts/{introduction_id}",
        responses=MISSES,
        summary="Read name and contact, as the employer",
    )
    async def read_learner_contact(
        introduction_id: AnyIntroductionPath, token: Token, request: Request, limit: LimitOfMisses, session: Transaction
    ) -> ContactView:
        """For the employer that asked, once the introduction is accepted. The token comes from `POST
        /v1/introductions/{introduction_id}/contact-access` of the openings service and is sent as `Authorization: Bearer`. Each
        reading is recorded, and the learner's provider sees it. Keep nothing of the answer longer than you need it.

        An unknown introduction and a token that does not belong to it are absent alike (404); a token that was given a moment
        ago may be too. Answered with 410 when the token has expired (`access_expired`: ask for a new one), or when the
        introduction has ended, the learner has withdrawn the consent, or is erased (`introduction_ended`).
        """
        with limit.counting(request, Absent):
            uow = units_of_work.at(session, SERVICE)
            introduction, person = await read_contact(uow, introduction_id, token, counting_readings(request))
        return ContactView.of(introduction, person)

    return router
