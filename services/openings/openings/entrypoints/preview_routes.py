"""Previews: an employer asks how many learners an opening would reach before it publishes it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from makersync.http.wiring import writing
from openings.adapters.unit_of_work import OpeningsUnitsOfWork
from openings.application.previewing import ask_for_preview
from openings.domain.preview import PreviewStatus
from openings.entrypoints.access import Reader, Writer, scope_of
from openings.entrypoints.fields import PreviewPath
from openings.entrypoints.opening_bodies import OpeningBody
from openings.entrypoints.preview_views import AcceptedPreviewView, PreviewView
from openings.entrypoints.preview_waiting import Waiting
from openings.entrypoints.routing import OpeningsRoute

PREVIEWS = "/v1/openings/previews"
LONGEST_WAIT_S = 30

AskedWait = Annotated[
    int, Query(ge=0, le=LONGEST_WAIT_S, description="Seconds to wait for the counts before the answer is 202.")
]
ReadWait = Annotated[int, Query(ge=0, le=LONGEST_WAIT_S, description="Seconds to wait for the counts while it is pending.")]


def preview_routes(units_of_work: OpeningsUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["reach"], route_class=OpeningsRoute)
    _add_asking(router, units_of_work)
    _add_reading(router)
    return router


def _add_asking(router: APIRouter, units_of_work: OpeningsUnitsOfWork) -> None:
    @router.post(
        "/v1/openings/preview",
        summary="Ask how many learners an opening would reach",
        responses={
            202: {"model": AcceptedPreviewView, "description": "The counts are not there yet: read them at `Location`."},
            429: {"$ref": "#/components/responses/TooManyRequests"},
        },
    )
    async def preview_opening(
        principal: Writer, wanted: OpeningBody, request: Request, response: Response, waiting: Waiting, wait: AskedWait = 4
    ) -> AcceptedPreviewView:
        """Send what you would publish: nothing is published, and no learner is told. The answer is how many learners would be
        in reach, pass the gates, qualify and nearly qualify, and what the near misses lack; counts alone, as ranges of five.
        Where they take longer than `wait`, the answer is 202 and `Location` says where to read them. Refused with 422 as
        publishing is, and with 429 when the employer has asked too often within 24 hours, or while five previews wait: the
        differences of previews would tell about single learners."""
        async with writing(request) as session:
            uow = units_of_work.at(session, principal.tenant)
            asked = await ask_for_preview(uow, principal.tenant, wanted.terms(), wanted.filled)
        preview = await waiting.read(asked.preview.preview_id, principal.tenant, wait)
        response.headers["Location"] = f"{PREVIEWS}/{preview.preview_id}"
        if preview.status is not PreviewStatus.ANSWERED:
            response.status_code = 202
        return AcceptedPreviewView.with_warnings(PreviewView.of(preview), asked.remarks)


def _add_reading(router: APIRouter) -> None:
    @router.get(PREVIEWS + "/{preview_id}", summary="Read a preview")
    async def read_preview(principal: Reader, preview_id: PreviewPath, waiting: Waiting, wait: ReadWait = 0) -> PreviewView:
        """The counts, once `status` is `answered`; with `wait` the answer comes as soon as they are there. A preview is kept
        for 24 hours. An employer reads its own, an operator any; another employer's is answered with 404, like one that does
        not exist."""
        return PreviewView.of(await waiting.read(preview_id, scope_of(principal), wait))
