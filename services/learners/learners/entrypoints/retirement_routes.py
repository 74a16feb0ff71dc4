"""Retirements: operators say which credentials new awards and cohorts may no longer name."""

from fastapi import APIRouter

from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import retiring
from learners.entrypoints.catalog_routes import CREDENTIALS
from learners.entrypoints.ids import CredentialPath
from learners.entrypoints.retirement_bodies import RetirementBody
from learners.entrypoints.retirement_views import RetirementView
from learners.entrypoints.routing import LearnersRoute, requester_of
from makersync.http.security import Operator
from makersync.http.wiring import Transaction

ONE = CREDENTIALS + "/{credential_id}/retirement"


def retirement_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["catalog"], route_class=LearnersRoute)

    @router.put(ONE, summary="Retire a credential: what was earned stands, nothing new may name it")
    async def retire_credential(
        operator: Operator, credential_id: CredentialPath, wanted: RetirementBody, session: Transaction
    ) -> RetirementView:
        """New awards and cohorts that name it are refused (422, `retired`). Awards that learners have count as before, and
        cohorts that are planned go on and take learners. No event is published. Retiring it again replaces the reason and
        the successor, so no `If-Match` is needed.

        Refused (422) when the successor is unknown, retired or the credential itself.
        """
        uow = units_of_work.at(session, requester_of(operator))
        retired = await retiring.retire_credential(uow, credential_id, wanted.superseded_by, wanted.reason)
        return RetirementView.of(retired)

    @router.delete(ONE, status_code=204, summary="Take the retirement of a credential back")
    async def reinstate_credential(operator: Operator, credential_id: CredentialPath, session: Transaction) -> None:
        """New awards and cohorts may name it again. Refused (404) when it is not retired."""
        await retiring.reinstate_credential(units_of_work.at(session, requester_of(operator)), credential_id)

    return router
