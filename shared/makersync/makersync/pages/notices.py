"""The pages of those whom an organisation has told by mail what happens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Response
from starlette.routing import Route

from makersync.http.pagination import PageRequest
from makersync.http.problems import Problem, StaleVersion, ValidationProblem
from makersync.mail.addresses import LONGEST_ADDRESS
from makersync.mail.bodies import RecipientBody, RecipientChange
from makersync.mail.changing import MOST_RECIPIENTS
from makersync.mail.routes import demand_mail, messages_to
from makersync.mail.states import OUTCOMES, RecipientState, Weekday
from makersync.pages.form_bodies import body_of, errors_of_groups, version_of
from makersync.pages.forms import SentForm
from makersync.pages.notice_access import NEW, NOTICES, ONE, NoticeAccess, mail_standing, recipient_id
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit

_A_PAGE = 50
_LONGEST_DESCRIPTION = 200
#: How the fields that say how often a type is told begin.
TOLD = "told:"
_TYPED = ("address", "description", "hour", "weekday")
_USUAL_HOUR = "7"
_CADENCES = (("", "Not told"), ("immediate", "As it happens"), ("daily", "Once a day"), ("weekly", "Once a week"))
_HOURS = [(str(hour), f"{hour:02}:00") for hour in range(24)]
_WEEKDAYS = [(day.value, day.value.capitalize()) for day in Weekday]
_DONE = {
    "asked": "The person is sent a question, and nothing else before it is answered by the link in it.",
    "tested": "A test is on its way. It is listed among the messages below.",
    "saved": "Saved.",
    "saved-told": "Saved. Digests of what was gathered so far are sent at once, and what follows is told as chosen.",
    "deleted": "The recipient is deleted, with the address and all messages.",
}


def notice_pages(site: Site, access: NoticeAccess) -> list[Route]:
    pages = _NoticePages(access)
    return [
        site.reading(NOTICES, pages.list),
        site.reading(NEW, pages.form),
        site.changing(NOTICES, pages.create, pages.form),
        site.reading(ONE, pages.one),
        site.changing(ONE, pages.change, pages.one),
        site.changing(f"{ONE}/test", pages.test, pages.one),
        site.changing(f"{ONE}/ask", pages.ask, pages.one),
        site.changing(f"{ONE}/delete", pages.delete, pages.one),
    ]


@dataclass(frozen=True, slots=True)
class _NoticePages:
    access: NoticeAccess

    async def list(self, visit: Visit) -> Response:
        """All of them, newest first."""
        rows = await self.access.seen(visit).all()
        return visit.page(
            "notices.html",
            recipients=[self.access.shown(visit, row) for row in rows],
            mail=await mail_standing(visit),
            may_change=self.access.may_change(visit),
            most=MOST_RECIPIENTS,
            done=_done(visit),
        )

    async def form(self, visit: Visit, problem: Problem | None = None) -> Response:
        self.access.demand_writer(visit)
        usual = {
            "address": visit.signed_in.address,
            "description": "",
            "hour": _USUAL_HOUR,
            "weekday": Weekday.MONDAY.value,
        }
        return visit.page(
            "notice_new.html",
            200 if problem is None else problem.status,
            typed=_sent(visit) if problem else usual,
            told=_told(visit.form) if problem else self.access.usual,
            mail=await mail_standing(visit),
            **self._offered(visit),
            **_refused(problem),
        )

    async def create(self, visit: Visit) -> Response:
        recipients = self.access.changing(visit)
        demand_mail(visit.wiring.settings)
        wanted = body_of(RecipientBody, {**_chosen(visit.form), "address": visit.form.get("address")})
        row = await recipients.create(wanted)
        return see_other(f"{NOTICES}/{row.id}?done=asked")

    async def one(self, visit: Visit, problem: Problem | None = None) -> Response:
        """With the messages to the person, newest first, 50 on a page."""
        row = await self.access.seen(visit).get(recipient_id(visit))
        shown = self.access.shown(visit, row)
        page = PageRequest(_A_PAGE, visit.request.query_params.get("after") or None, f"page {NOTICES} {row.id}")
        kept = {"description": row.description, "hour": str(row.hour), "weekday": row.weekday}
        is_change = problem is not None and visit.request.url.path == f"{NOTICES}/{row.id}"
        return visit.page(
            "notice.html",
            200 if problem is None else problem.status,
            recipient=shown,
            messages=await messages_to(visit.session, row, page),
            outcomes=OUTCOMES,
            typed=_sent(visit) if is_change else kept,
            told=_told(visit.form) if is_change else row.cadences,
            is_stale=isinstance(problem, StaleVersion),
            may_change=self.access.may_change(visit),
            mail=await mail_standing(visit),
            done=_done(visit),
            **self._offered(visit),
            **_refused(problem),
        )

    async def change(self, visit: Visit) -> Response:
        recipients, row = await self.access.locked(visit)
        wanted = body_of(RecipientChange, _chosen(visit.form))
        version_of(visit.form).demand(row.version)
        is_sent = row.state == RecipientState.ACTIVE and wanted.types != row.cadences
        await recipients.change(row, wanted)
        return _back(visit, "saved-told" if is_sent else "saved")

    async def test(self, visit: Visit) -> Response:
        recipients, row = await self.access.locked(visit)
        demand_mail(visit.wiring.settings)
        await recipients.test(row)
        return _back(visit, "tested")

    async def ask(self, visit: Visit) -> Response:
        """Once more whether mail is wanted."""
        recipients, row = await self.access.locked(visit)
        demand_mail(visit.wiring.settings)
        await recipients.ask_again(row)
        return _back(visit, "asked")

    async def delete(self, visit: Visit) -> Response:
        recipients, row = await self.access.locked(visit)
        if visit.form.get("meant") != "yes":
            raise ValidationProblem.of("meant", "missing", "tick this to delete the recipient")
        version_of(visit.form).demand(row.version)
        await recipients.delete(row)
        return see_other(f"{NOTICES}?done=deleted")

    def _offered(self, visit: Visit) -> dict[str, Any]:
        return {
            "words": self.access.words,
            "cadences": _CADENCES,
            "hours": _HOURS,
            "weekdays": _WEEKDAYS,
            "zone": str(visit.wiring.settings.zone),
            "longest_address": LONGEST_ADDRESS,
            "longest_description": _LONGEST_DESCRIPTION,
            "prefix": TOLD,
        }


def _chosen(form: SentForm) -> dict[str, Any]:
    """What a form says, as the API's body has it. Raises ValidationProblem."""
    types = {name: cadence for name, cadence in _told(form).items() if cadence}
    if not types:
        raise ValidationProblem.of("types", "missing", "choose at least one thing that is told")
    hour = form.get("hour")
    if not (hour.isascii() and hour.isdecimal() and len(hour) <= 2):
        raise ValidationProblem.of("hour", "int_parsing", "choose one of the list")
    return {"types": types, "hour": int(hour), "weekday": form.get("weekday"), "description": form.get("description")}


def _told(form: SentForm) -> Mapping[str, str]:
    return {name.removeprefix(TOLD): form.get(name) for name in form.fields if name.startswith(TOLD)}


def _sent(visit: Visit) -> dict[str, str]:
    return {name: visit.form.get(name) for name in _TYPED}


def _refused(problem: Problem | None) -> dict[str, Any]:
    return {"problem": problem, "errors": errors_of_groups(problem)}


def _done(visit: Visit) -> str:
    return _DONE.get(visit.request.query_params.get("done", ""), "")


def _back(visit: Visit, done: str) -> Response:
    return see_other(f"{NOTICES}/{recipient_id(visit)}?done={done}")
