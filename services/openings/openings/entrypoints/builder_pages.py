"""The pages to publish an opening and to revise one, with the requirement builder (decision 0066)."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace

from fastapi import Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.routing import Route

from contracts.vocabulary import Necessity, Shift
from makersync.http.problems import Problem, StaleVersion
from makersync.http.versions import Precondition
from makersync.http.wiring import wiring_of
from makersync.pages.redirects import see_other
from makersync.pages.session_cookie import is_script_request
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from makersync.remarks import Remark
from openings.adapters.opening_repository import OpeningRepository
from openings.adapters.unit_of_work import OpeningsUnitsOfWork
from openings.application.previewing import ask_for_preview, previews_left
from openings.application.publishing import publish_opening, revise_opening
from openings.application.reviewing import review_new, review_revision
from openings.domain.opening import Opening
from openings.domain.opening_rules import MOST_GROUPS
from openings.entrypoints.access import WRITE
from openings.entrypoints.opening_form import TypedOpening, empty_opening, typed_opening, with_telling_ids, written_opening
from openings.entrypoints.opening_form_counts import (
    Asked,
    CountsWarning,
    ShownCounts,
    digest_of,
    shown_counts,
    warnings_of_counts,
)
from openings.entrypoints.opening_form_errors import errors_by_field, place_name, terms_of_form
from openings.entrypoints.opening_form_merging import FieldDifference, merged, written_before
from openings.entrypoints.opening_form_steps import step
from openings.entrypoints.opening_form_words import clauses_of, find_for_group, find_occupation, names_of
from reference.occupations import load_occupations

NEW, EDIT = "/openings/new", "/openings/{opening_id}/edit"
FOUND = "/openings/found"


def builder_pages(site: Site, units_of_work: OpeningsUnitsOfWork) -> list[Route]:
    pages = BuilderPages(units_of_work)
    return [site.changing(FOUND, pages.found, begins=_snapshot), *_at(site, pages, NEW), *_at(site, pages, EDIT)]


def _at(site: Site, pages: "BuilderPages", path: str) -> list[Route]:
    """The form is sent to three addresses: to be published or saved, to grow or shrink, and to be counted."""
    return [
        site.reading(path, pages.opened),
        site.changing(path, pages.publish if path == NEW else pages.save, pages.refused),
        site.changing(f"{path}/form", pages.stepped, pages.refused, begins=_snapshot),
        site.changing(f"{path}/preview", pages.preview, pages.refused),
        site.reading(f"{path}/form", _to_form),
        site.reading(f"{path}/preview", _to_form),
    ]


def _snapshot(request: Request) -> AbstractAsyncContextManager[AsyncSession]:
    """A form that only grows or shrinks changes nothing, and keeps nobody from writing."""
    return wiring_of(request).store.snapshot()


async def _to_form(visit: Visit) -> Response:
    """Whoever opens the address of a step, as after signing in again."""
    return see_other(visit.request.url.path.rpartition("/")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class BuilderForm:
    """What a page of the form shows. `opening` is the one that is revised; None for a new one."""

    typed: TypedOpening
    opening: Opening | None = None
    version: str = ""
    before: str = ""
    asked: Asked = field(default_factory=Asked)
    focus: str = ""
    warnings: Sequence[Remark | CountsWarning] = ()
    differences: Sequence[FieldDifference] = ()
    problem: Problem | None = None
    status: int = 200

    @property
    def path(self) -> str:
        """Where the form is sent to."""
        return NEW if self.opening is None else EDIT.format(opening_id=self.opening.opening_id)


@dataclass(frozen=True, slots=True)
class BuilderPages:
    units_of_work: OpeningsUnitsOfWork

    async def opened(self, visit: Visit) -> Response:
        """An empty form, one with a copy (`copy` names the opening), or that of an opening."""
        visit.demand(WRITE)
        opening = await self._opening(visit)
        if opening is not None:
            typed, version, before = written_opening(opening.terms), str(opening.version), written_before(opening.terms)
            return await self._page(visit, BuilderForm(typed=typed, opening=opening, version=version, before=before))
        copied = visit.request.query_params.get("copy")
        if not copied:
            return await self._page(visit, BuilderForm(typed=empty_opening()))
        original = await OpeningRepository(visit.session, visit.tenant).get(copied)
        return await self._page(visit, BuilderForm(typed=written_opening(original.terms)))

    async def found(self, visit: Visit) -> Response:
        """What a search finds while somebody types in it. It is sent as forms are: a page whose session has ended stays as it
        is, with what was typed."""
        visit.demand(WRITE)
        name, opening_id = visit.request.query_params.get("name", ""), visit.request.query_params.get("opening")
        if name == "occupation":
            findings = find_occupation(visit.form.get(name))
        else:
            index = name.removeprefix("groups.").removesuffix(".find")
            is_number = index.isascii() and index.isdigit() and len(index) <= len(str(MOST_GROUPS))
            number = int(index) if is_number and int(index) < MOST_GROUPS else 0
            findings = await find_for_group(visit.session, visit.form.get(name), number)
        path = EDIT.format(opening_id=opening_id) if opening_id else NEW
        return visit.page("found.html", findings=findings, form_path=path)

    async def stepped(self, visit: Visit) -> Response:
        visit.demand(WRITE)
        form = await self._sent(visit)
        after = step(form.typed, visit.form.get("do"))
        return await self._page(visit, replace(form, typed=after.typed, focus=after.focus))

    async def preview(self, visit: Visit) -> Response:
        """A page with scripts also asks by itself (`auto`), for what is new alone."""
        visit.demand(WRITE)
        form, uow = await self._sent(visit), self.units_of_work.at(visit.session, visit.tenant)
        is_by_itself = visit.request.query_params.get("auto") == "yes"
        if is_by_itself:
            counts = await self._counts(visit, form)
            if not counts.asks_by_itself or counts.is_current or counts.is_pending:
                return await self._page(visit, form)
        asked = await ask_for_preview(uow, visit.tenant, terms_of_form(form.typed), 0)
        return await self._page(visit, replace(form, asked=Asked(asked.preview.preview_id, digest_of(form.typed))))

    async def publish(self, visit: Visit) -> Response:
        """Warnings are shown first, and never keep anybody from publishing."""
        visit.demand(WRITE)
        form, uow = await self._sent(visit), self.units_of_work.at(visit.session, visit.tenant)
        terms = terms_of_form(with_telling_ids(form.typed))
        warned = await self._warned(visit, form, await review_new(uow, visit.tenant, terms))
        if warned is not None:
            return warned
        accepted = await publish_opening(uow, visit.tenant, terms, 0)
        return _to_opening(accepted.opening, "published")

    async def save(self, visit: Visit) -> Response:
        visit.demand(WRITE)
        form, uow = await self._sent(visit), self.units_of_work.at(visit.session, visit.tenant)
        assert form.opening is not None
        version = Precondition(frozenset({f'"{form.version}"'}))
        version.demand(form.opening.version)
        terms = terms_of_form(with_telling_ids(form.typed, {group.id for group in form.opening.terms.groups}))
        warned = await self._warned(visit, form, await review_revision(uow, form.opening, terms))
        if warned is not None:
            return warned
        accepted = await revise_opening(uow, form.opening.opening_id, version.demand, lambda _before: terms)
        return _to_opening(accepted.opening, "saved")

    async def refused(self, visit: Visit, problem: Problem) -> Response:
        """The form as it was typed, with what is wrong. After another's change it goes on from the opening as it is now."""
        form = await self._sent(visit)
        form = replace(form, problem=problem, status=200 if is_script_request(visit.request) else problem.status)
        if isinstance(problem, StaleVersion) and form.opening is not None:
            terms = form.opening.terms
            both = merged(form.before, form.typed, terms)
            form = replace(form, typed=both.typed, differences=both.differences, version=str(form.opening.version))
            form = replace(form, before=written_before(terms))
        return await self._page(visit, form)

    async def _warned(self, visit: Visit, form: BuilderForm, remarks: Sequence[Remark]) -> Response | None:
        """The form with warnings that were not shown yet; None when there are none."""
        counts = await self._counts(visit, form)
        warnings: list[Remark | CountsWarning] = [*remarks, *warnings_of_counts(counts, form.typed)]
        if {_named(each) for each in warnings} <= set(visit.form.get("warned").split()):
            return None
        return await self._page(visit, replace(form, warnings=warnings, focus="warnings"))

    async def _sent(self, visit: Visit) -> BuilderForm:
        sent, opening = visit.form, await self._opening(visit)
        typed, asked = typed_opening(sent), Asked.by(sent)
        return BuilderForm(typed=typed, opening=opening, version=sent.get("version"), before=sent.get("before"), asked=asked)

    async def _opening(self, visit: Visit) -> Opening | None:
        opening_id = visit.request.path_params.get("opening_id")
        return None if opening_id is None else await OpeningRepository(visit.session, visit.tenant).get(str(opening_id))

    async def _counts(self, visit: Visit, form: BuilderForm) -> ShownCounts:
        left = await previews_left(self.units_of_work.at(visit.session, visit.tenant), visit.tenant)
        now = self.units_of_work.clock.now()
        return await shown_counts(visit.session, visit.tenant, form.asked, form.typed, now, left)

    async def _page(self, visit: Visit, form: BuilderForm) -> Response:
        typed, names = form.typed, await names_of(visit.session, form.typed)
        searches = [await find_for_group(visit.session, group.find, index) for index, group in enumerate(typed.groups)]
        current = None if form.opening is None else written_opening(form.opening.terms)
        now = () if current is None or not form.differences else current.groups
        return visit.page(
            "builder.html",
            form.status,
            form=form,
            typed=typed,
            names=names,
            clauses=clauses_of(typed.groups, names),
            clauses_now=clauses_of(now, await names_of(visit.session, TypedOpening(groups=tuple(now)))),
            searches=searches,
            occupation_title=load_occupations().title(typed.occupation.strip()),
            occupations=find_occupation(typed.occupation),
            counts=await self._counts(visit, form),
            asked={group.id: " or ".join(map(names.in_words, group.any_of)) for group in typed.groups},
            errors=errors_by_field(form.problem),
            place_name=place_name,
            warned=" ".join(_named(each) for each in form.warnings),
            necessities=list(Necessity),
            shifts=list(Shift),
        )


def _named(remark: Remark | CountsWarning) -> str:
    return f"{remark.field}:{remark.rule}"


def _to_opening(opening: Opening, said: str) -> Response:
    return see_other(f"/openings/{opening.opening_id}?said={said}")
