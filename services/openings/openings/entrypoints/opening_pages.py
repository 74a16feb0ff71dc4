"""The pages of openings: the list, and one with its shortlist, which arrives and leaves live."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.routing import Route

from contracts.vocabulary import OpeningStatus
from makersync.clock import Clock
from makersync.feed.views import EntryView
from makersync.http.admission import PAGE_CHANGES
from makersync.http.exports import exported
from makersync.http.pagination import PageRequest
from makersync.http.problems import Problem, ValidationProblem
from makersync.pages.events import Concerns, changes_route
from makersync.pages.headers import PAGE_HEADERS
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from openings.adapters.export_rows import rows_of_one
from openings.adapters.introduction_repository import IntroductionRequestRepository
from openings.adapters.opening_repository import OpeningFilter, OpeningRepository
from openings.adapters.reach_repository import ReachRepository
from openings.adapters.unit_of_work import OpeningsUnitsOfWork
from openings.domain.opening import Opening
from openings.domain.reach import OpeningReach
from openings.entrypoints.access import READ, WRITE
from openings.entrypoints.export_routes import SHORTLISTS
from openings.entrypoints.opening_actions import action_pages
from openings.entrypoints.opening_form import written_opening
from openings.entrypoints.opening_form_errors import errors_by_field
from openings.entrypoints.opening_form_words import clauses_of, names_of
from openings.entrypoints.opening_routes import OpeningPresenter
from openings.entrypoints.ranking_words import lapses_before, reasons_of_ranks
from openings.entrypoints.reach_views import OpeningReachView
from openings.entrypoints.requirement_words import groups_in_words
from openings.entrypoints.score_chart import score_chart
from openings.entrypoints.shortlist_reading import shortlist_view

OPENINGS = "/openings"
ONE = OPENINGS + "/{opening_id}"
FILE = "/files/openings/{opening_id}/shortlist"
_A_PAGE = 50
_LONGEST_SEARCH = 200
#: What the page says after a step, by the name that the address has for it.
_SAYINGS: Mapping[str, str] = {
    "published": "Published. Learners who qualify appear here automatically.",
    "saved": "Saved. Candidates follow the new terms within moments.",
    "closed": "Closed. This opening no longer looks for candidates; open it again to resume.",
    "reopened": "Open again. Learners who qualify appear here automatically.",
    "filled": "The number of filled positions is saved.",
}


def opening_pages(site: Site, units_of_work: OpeningsUnitsOfWork) -> list[Route]:
    pages = OpeningPages(units_of_work.clock)
    return [
        site.reading(OPENINGS, pages.list),
        site.reading(ONE, pages.one),
        site.reading(ONE + "/shortlist", pages.shortlist),
        site.reading(FILE, pages.file),
        *action_pages(site, units_of_work, ONE, pages.one),
        changes_route(site, PAGE_CHANGES, READ, _concerning_opening),
    ]


@dataclass(frozen=True, slots=True)
class OpeningPages:
    clock: Clock

    async def list(self, visit: Visit) -> Response:
        """Newest first, 50 on a page."""
        visit.demand(READ)
        query = visit.request.query_params
        status, words = _status(query.get("status", "")), query.get("title", "")[:_LONGEST_SEARCH]
        page = PageRequest(_A_PAGE, query.get("after") or None, f"page {OPENINGS} {status} {words} {visit.tenant}")
        found = await OpeningRepository(visit.session, visit.tenant).listed(OpeningFilter(status=status, words=words), page)
        ids, now = [opening.opening_id for opening in found.items], self.clock.now()
        shown = await OpeningPresenter(self.clock).page(visit.session, found)
        reaches = await ReachRepository(visit.session).of_all(ids)
        return visit.page(
            "openings.html",
            openings=shown,
            qualified={
                opening.opening_id: reach.qualified
                for opening, view in zip(found.items, shown.items, strict=True)
                if (reach := reaches.get(opening.opening_id)) and _is_of_now(opening, reach, view.candidates)
            },
            introductions=await IntroductionRequestRepository(visit.session, visit.tenant).open_counts(ids),
            days={opening.opening_id: (now - opening.published_at).days for opening in found.items},
            chosen=status,
            title=words,
            statuses=list(OpeningStatus),
            may_publish=visit.signed_in.principal.may(WRITE),
        )

    async def one(self, visit: Visit, problem: Problem | None = None) -> Response:
        """What is new is marked from now on. `problem` is what a step of the opening's life was refused for."""
        said = _SAYINGS.get(visit.request.query_params.get("said", ""), "")
        shown = await self._shown(visit, None)
        errors = errors_by_field(problem)
        typed, since = visit.form.get("filled"), urlencode({"since": self.clock.now().isoformat()})
        more = {"said": said, "problem": problem, "errors": errors, "typed": typed, "since_query": since}
        return visit.page("opening.html", 200 if problem is None else problem.status, **shown, **more)

    async def shortlist(self, visit: Visit) -> Response:
        """The part of the page that changes by itself. `since` is when the page was loaded."""
        return visit.page("shortlist.html", **await self._shown(visit, _moment(visit.request.query_params.get("since", ""))))

    async def file(self, visit: Visit) -> Response:
        """The shortlist as a file, in the form of the export of all."""
        visit.demand(READ)
        opening = await self._opening(visit)
        kind: Literal["csv", "xlsx"] = "xlsx" if visit.request.query_params.get("format") == "xlsx" else "csv"
        answer = await exported(SHORTLISTS, rows_of_one(visit.session, opening.opening_id, opening.terms.title), kind)
        answer.headers.update({**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="{opening.opening_id}.{kind}"'})
        return answer

    async def _opening(self, visit: Visit) -> Opening:
        opening_id = str(visit.request.path_params["opening_id"])
        return await OpeningRepository(visit.session, visit.tenant).get(opening_id)

    async def _shown(self, visit: Visit, since: datetime | None) -> dict[str, Any]:
        visit.demand(READ)
        opening, session = await self._opening(visit), visit.session
        shortlist = await shortlist_view(session, opening, self.clock, has_withdrawn=True)
        typed = written_opening(opening.terms)
        names = await names_of(session, typed)
        counted = await ReachRepository(session).of(opening.opening_id)
        if counted is not None and not _is_of_now(opening, counted, len(shortlist.candidates)):
            counted = None
        return {
            "opening": await OpeningPresenter(self.clock).view(session, opening),
            "asked": await groups_in_words(session, opening.terms.groups),
            "clauses": clauses_of(typed.groups, names),
            "shortlist": shortlist,
            "reach_view": OpeningReachView.of(opening, counted, self.clock.today()).reach,
            "scores": {each.learner_id: score_chart(each) for each in shortlist.candidates},
            "ranks": reasons_of_ranks(shortlist.candidates),
            "lapses_before": lapses_before,
            "since": since,
            "may_ask": visit.signed_in.principal.may(WRITE),
            "changes": f"{PAGE_CHANGES}?{urlencode({'opening': opening.opening_id})}",
        }


def _is_of_now(opening: Opening, reach: OpeningReach, shortlisted: int) -> bool:
    """Whether counts are of the requirements as they are, and not from before whoever is shortlisted came: a shortlist changes
    at once, and counts follow within minutes."""
    return reach.subject_version >= opening.groups_version and shortlisted < reach.qualified.fewer_than


def _moment(text: str) -> datetime | None:
    """None for what is no instant with its offset: then nothing is marked."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _status(text: str) -> OpeningStatus | None:
    if not text:
        return None
    try:
        return OpeningStatus(text)
    except ValueError as error:
        raise ValidationProblem.of("status", "enum", "must be a status that the list offers") from error


def _concerning_opening(request: Request) -> Concerns:
    wanted = request.query_params.get("opening", "")

    def concerns(entry: EntryView) -> bool:
        data = entry.data or {}
        return wanted in (entry.subject.partition("/")[0], data.get("opening_id"))

    return concerns
