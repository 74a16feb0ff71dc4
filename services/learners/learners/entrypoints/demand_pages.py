"""The pages of demand: what employers of the provider's regions ask for, and a cell with its past, its method and a cohort's
effect."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any
from urllib.parse import quote

from fastapi import Response
from starlette.routing import Route

from learners.adapters import demand_repository
from learners.adapters.catalog_repository import training_weeks_of
from learners.adapters.cohort_repository import list_cohorts
from learners.adapters.demand_repository import DemandFilter, list_demand
from learners.adapters.opening_copies import openings_of
from learners.adapters.signal_history import SignalHistory
from learners.adapters.signal_repository import find_signal
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import planning
from learners.domain.errors import Absent
from learners.domain.signal import AHEAD_DAYS, GUARDED, LEVEL_FROM, LEVELS, ShortageSignal, guarded, seats_to_balance
from learners.entrypoints.cohort_bodies import CohortBody
from learners.entrypoints.demand_map import WHOLE, DemandMap, demand_map, frame_around, frame_near
from learners.entrypoints.demand_reading import HISTORY, TREND, effects_of, history, region_names, subject_names, trend
from learners.entrypoints.map_labels import map_labels
from learners.entrypoints.map_marks import MapWords
from learners.entrypoints.routing import READ, WRITE, requester_of
from makersync.feed.views import EntryView
from makersync.http.admission import PAGE_CHANGES
from makersync.http.pagination import PageRequest
from makersync.http.problems import Problem, ValidationProblem
from makersync.pages.events import changes_route
from makersync.pages.form_bodies import body_of, errors_of, filled
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from reference.map_points import load_map_points

DEMAND = "/demand"
ONE = DEMAND + "/{region}/{subject}"
KINDS = ("credential", "competency")
_FILTERS = ("region", "subject", "kind", "level")
#: What `view` in the address says to see the whole country on the map.
_COUNTRY = "country"
_A_PAGE = 50
_MOST_SEATS_ASKED = 100_000


def demand_pages(site: Site, units_of_work: LearnersUnitsOfWork) -> list[Route]:
    pages = DemandPages(units_of_work)
    return [
        site.reading(DEMAND, pages.list),
        site.reading(ONE, pages.one),
        site.changing(ONE + "/cohort", pages.plan, pages.one),
        changes_route(site, PAGE_CHANGES, READ, lambda _request: _concerns_demand),
    ]


@dataclass(frozen=True, slots=True)
class DemandPages:
    units_of_work: LearnersUnitsOfWork

    async def list(self, visit: Visit) -> Response:
        """On a map, and where most positions are blocked first, 50 on a page."""
        visit.demand(READ)
        query, today, session = visit.request.query_params, self.units_of_work.clock.today(), visit.session
        own = await demand_repository.regions_of(session, visit.tenant)
        chosen = {name: query.get(name, "") for name in _FILTERS}
        self._demand_known(chosen)
        wanted = _wanted((chosen["region"],) if chosen["region"] else tuple(own), chosen)
        page = PageRequest(_A_PAGE, query.get("after") or None, f"page {DEMAND} {visit.tenant} {sorted(chosen.items())}")
        found = await list_demand(session, wanted, page)
        signals = [guarded(each) for each in found.items]
        days = await SignalHistory(session).of_cells([(each.region, each.subject) for each in signals], today - TREND)
        shown = await self._map(visit, own, chosen)
        regions = {*own, *shown.regions, *(each.region for each in signals)}
        credentials = {credential for each in signals for credential in each.top_credentials}
        near = await demand_repository.learners_by_credential(session, visit.tenant, regions, credentials)
        subjects = {*await demand_repository.subjects_of(session, wanted.regions, wanted.kind), *filter(None, [wanted.subject])}
        names = await subject_names(session, signals, {*subjects, *shown.subjects})
        places = self.units_of_work.places
        market_names = region_names(places, sorted(regions))
        return visit.page(
            "demand.html",
            ahead_days=AHEAD_DAYS,
            signals=signals,
            trends={(each.region, each.subject): trend(days.get((each.region, each.subject), ()), today) for each in signals},
            near={(each.region, each.subject): _nearest(each, near) for each in signals},
            names=names,
            subjects=sorted([(each, names[each]) for each in subjects], key=itemgetter(1)),
            map=shown,
            view=query.get("view", ""),
            here=f"{DEMAND}?{visit.request.url.query}",
            regions=market_names,
            labels=map_labels(shown, market_names),
            map_words=MapWords(market_names, names, chosen),
            all_regions=[*region_names(places, list(dict.fromkeys([*own, *places.regions()]))).items()],
            own=own,
            chosen=chosen,
            kinds=KINDS,
            levels=[(each, each) for each in reversed(LEVELS) if each != GUARDED],
            newest=await demand_repository.newest_signal(session, wanted.regions),
            next_cursor=found.next_cursor,
        )

    async def one(self, visit: Visit, problem: Problem | None = None) -> Response:
        """`seats` in the address asks what so many would do to the level ahead."""
        visit.demand(READ)
        region, subject = _cell_of(visit)
        stored = await find_signal(visit.session, region, subject)
        if stored is None:
            raise Absent
        signal, today = guarded(stored), self.units_of_work.clock.today()
        days = (await SignalHistory(visit.session).of_cells([(region, subject)], today - HISTORY)).get((region, subject), ())
        asked = _seats(visit.request.query_params.get("seats", ""))
        return visit.page(
            "signal.html",
            200 if problem is None else problem.status,
            signal=signal,
            region=region_names(self.units_of_work.places, [region])[region],
            names=await subject_names(visit.session, [signal]),
            chart=history(days, today),
            thresholds=LEVEL_FROM,
            ahead_days=AHEAD_DAYS,
            asked=asked,
            effects=effects_of(signal.components, asked) if signal.components else [],
            to_balance=seats_to_balance(signal.components) if signal.components else None,
            **await self._providing(visit, signal),
            here=_path(region, subject),
            typed={name: visit.form.get(name) for name in CohortBody.model_fields}
            | ({} if problem else {"seats": asked or ""}),
            problem=problem,
            errors=errors_of(problem),
            may_act=visit.signed_in.principal.may(WRITE),
        )

    async def plan(self, visit: Visit) -> Response:
        visit.demand(WRITE)
        region, subject = _cell_of(visit)
        typed: dict[str, Any] = dict(filled(visit.form, ("credential", "starts_on", "ends_on")))
        body = body_of(CohortBody, typed | {"region": region, "seats": _demand_seats(visit.form.get("seats"))})
        uow = self.units_of_work.at(visit.session, requester_of(visit.signed_in.principal))
        await planning.plan_cohort(uow, visit.tenant, body.credential, body.region, body.plan())
        return see_other(f"{_path(region, subject)}#cohorts")

    async def _providing(self, visit: Visit, signal: ShortageSignal) -> dict[str, Any]:
        """The credentials that provide the subject, the provider's own cohorts for them, and jobs that ask for it."""
        session, tenant, credentials = visit.session, visit.tenant, signal.top_credentials
        cohorts = [
            each
            for credential in credentials
            for each in (await list_cohorts(session, tenant, signal.region, credential, PageRequest(_A_PAGE))).items
            if not each.cancelled
        ]
        near = await demand_repository.learners_by_credential(session, tenant, [signal.region], credentials)
        named = await demand_repository.named_openings(session, tenant, signal.region, credentials)
        openings = [each for each in (await openings_of(session, named)).values() if each.looks_for_people]
        return {
            "weeks": await training_weeks_of(session, credentials),
            "near": {credential: near.get((signal.region, credential), 0) for credential in credentials},
            "cohorts": cohorts,
            "jobs": sorted({each.title for each in openings}),
        }

    async def _map(self, visit: Visit, own: Sequence[str], chosen: dict[str, str]) -> DemandMap:
        """Of the provider's regions, and of the one that is chosen."""
        points, region = load_map_points(), chosen["region"]
        regions = sorted({*own, *filter(None, [region])})
        cells = await demand_repository.foremost_cells(visit.session, _wanted(tuple(regions), chosen))
        if region in points:
            frame = frame_near(points[region])
        else:
            is_whole = visit.request.query_params.get("view") == _COUNTRY
            frame = WHOLE if is_whole else frame_around([points[each] for each in regions if each in points])
        return demand_map(frame, regions, cells, points)

    def _demand_known(self, chosen: dict[str, str]) -> None:
        """Raises ValidationProblem."""
        allowed = {"region": self.units_of_work.places.regions(), "kind": KINDS, "level": LEVELS}
        for name, value in chosen.items():
            if value and name in allowed and value not in allowed[name]:
                raise ValidationProblem.of(name, "enum", "must be one that the list offers")


def _concerns_demand(entry: EntryView) -> bool:
    return entry.type.startswith(("signal.", "pathways."))


def _wanted(regions: tuple[str, ...], chosen: dict[str, str]) -> DemandFilter:
    return DemandFilter(regions, chosen["kind"] or None, chosen["level"] or None, chosen["subject"] or None)


def _nearest(signal: ShortageSignal, near: Any) -> tuple[str, int] | None:
    """The credential that most of the provider's learners are away from the subject, and how many."""
    counts = [(near.get((signal.region, each), 0), each) for each in signal.top_credentials]
    most, credential = max(counts, default=(0, ""))
    return (credential, most) if most else None


def _cell_of(visit: Visit) -> tuple[str, str]:
    return str(visit.request.path_params["region"]), str(visit.request.path_params["subject"])


def _path(region: str, subject: str) -> str:
    return f"{DEMAND}/{quote(region)}/{quote(subject, safe=':@')}"


def _seats(text: str) -> int | None:
    """What the address asks for; None when it is no number of seats."""
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    return int(text) if is_number and 1 <= int(text) <= _MOST_SEATS_ASKED else None


def _demand_seats(text: str) -> int:
    """Raises ValidationProblem."""
    if (seats := _seats(text.strip())) is None:
        raise ValidationProblem.of("seats", "int_type", "must be a whole number, such as 12")
    return seats
