"""The page on which an organisation's administrators see who did what in it."""

from collections.abc import Sequence

from fastapi import Response
from starlette.routing import Route

from makersync.http.exports import exported
from makersync.http.pagination import PageRequest
from makersync.members.activity import Activity, ActivityFilter
from makersync.members.activity_routes import ACTIVITY as TABLE
from makersync.members.membership import members_of
from makersync.members.offer import MANAGE_MEMBERS
from makersync.pages.headers import PAGE_HEADERS
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from makersync.store.activity import PLATFORM
from makersync.store.actors import member_actor

ACTIVITY = "/activity"
_A_PAGE = 50


def activity_pages(site: Site) -> list[Route]:
    return [site.reading(ACTIVITY, _show), site.reading(f"{ACTIVITY}.csv", _file)]


async def _show(visit: Visit) -> Response:
    """Newest first, 50 on a page."""
    whose, query = _demand(visit), visit.request.query_params
    action, actor, subject = (query.get(name, "").strip() for name in ("action", "actor", "subject"))
    page = PageRequest(_A_PAGE, query.get("after") or None, f"page {ACTIVITY} {whose} {[action, actor, subject]}")
    activity = Activity(visit.session, whose)
    wanted = ActivityFilter(action or None, actor or None, subject or None)
    people = [(member_actor(each.member_id), each.name) for each in await members_of(visit.session, whose)]
    people = [("", "Anybody"), *people, (PLATFORM, "Operators of the platform")]
    if actor not in dict(people):
        people.append((actor, await activity.name_of(actor)))
    return visit.page(
        "activity.html",
        acts=await activity.listed(wanted, page),
        actions=[("", "Anything"), *((each, each.replace("_", " ")) for each in _with(await activity.actions(), action))],
        people=people,
        chosen={"action": action, "actor": actor, "subject": subject},
        kept_days=visit.wiring.settings.keep_activity_days,
    )


async def _file(visit: Visit) -> Response:
    answer = await exported(TABLE, Activity(visit.session, _demand(visit)).rows(), "csv")
    answer.headers.update(PAGE_HEADERS)
    return answer


def _with(actions: Sequence[str], chosen: str) -> list[str]:
    """What a link leads to is among what is offered, so that it stays chosen when something else is."""
    return sorted({*actions, chosen} - {""})


def _demand(visit: Visit) -> str:
    visit.demand(MANAGE_MEMBERS)
    return visit.signed_in.belongs_to
