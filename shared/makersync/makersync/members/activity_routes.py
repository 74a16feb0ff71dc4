"""The routes by which an organisation's programs read who did what in it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from makersync.http.exports import Table, add_export
from makersync.http.key_rotation import MANAGE_KEYS
from makersync.http.pagination import Page, PageQuery
from makersync.http.routing import CheckedRoute
from makersync.http.security import Principal, requires
from makersync.http.wiring import Reading
from makersync.members.activity import Act, Activity, ActivityFilter
from makersync.settings import Settings

_ACTOR = "who: `member:` or `key:` with the id, `operators`, or `organisation:` with the id of another one"
_ACTION = "what was done, such as `opening_published` or `signed_in`"
_SUBJECT = "id of what it was about, which may be empty"
_LONGEST = 200
_USUAL_DAYS = Settings.model_fields["keep_activity_days"].default
ACTIVITY = Table(
    "activity",
    "Who did what in the organisation, oldest first.",
    {
        "at": "UTC instant",
        "actor": _ACTOR,
        "name": "the actor in words, as far as it is still known",
        "action": _ACTION,
        "subject": _SUBJECT,
        "detail": "what else is to be said",
    },
)


class ActView(BaseModel):
    """One act in an organisation."""

    at: datetime = Field(description="When, UTC.", examples=["2026-11-22T09:00:00Z"])
    actor: str = Field(description=f"{_ACTOR[0].upper()}{_ACTOR[1:]}.", examples=["member:mem_01kb1q5ve0m9x4w8d4s9b7k3qa"])
    who: str = Field(description="The actor in words, as far as it is still known.", examples=["Jo Miller"])
    action: str = Field(description=f"{_ACTION[0].upper()}{_ACTION[1:]}.", examples=["opening_published"])
    subject: str = Field(description=f"{_SUBJECT[0].upper()}{_SUBJECT[1:]}.", examples=["opn_01m8mx9d2k6v4t8wq1hz3n7r5c"])
    detail: dict[str, str] = Field(description="What else is to be said.", examples=[{}])


def activity_log_routes() -> APIRouter:
    router = APIRouter(tags=["members"], route_class=CheckedRoute)
    Manager = Annotated[Principal, Depends(requires(MANAGE_KEYS))]

    @router.get(
        "/v1/audit",
        summary="List who did what in one's organisation, newest first",
        description="People and keys, operators on the organisation's behalf, and employers who read a contact. "
        f"Kept for {_USUAL_DAYS} days, or as long as operators set. Of a person who is removed the id is left, and of a "
        "learner there is never more.",
    )
    async def list_activity(
        principal: Manager,
        session: Reading,
        page: PageQuery,
        action: Annotated[str | None, Query(max_length=_LONGEST, description="Only acts of this kind.")] = None,
        actor: Annotated[str | None, Query(max_length=_LONGEST, description="Only acts of this actor.")] = None,
        subject: Annotated[
            str | None, Query(max_length=_LONGEST, description="Only acts about the thing with this id.")
        ] = None,
    ) -> Page[ActView]:
        wanted = ActivityFilter(action, actor, subject)
        return (await Activity(session, principal.tenant).listed(wanted, page)).map(_view)

    add_export(router, ACTIVITY, MANAGE_KEYS, lambda session, mine: Activity(session, mine).rows())
    return router


def _view(act: Act) -> ActView:
    return ActView(at=act.at, actor=act.actor, who=act.who, action=act.action, subject=act.subject, detail=dict(act.detail))
