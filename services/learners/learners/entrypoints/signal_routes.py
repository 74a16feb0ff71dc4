"""Shortage signals, for providers and operators: the newest of each cell."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from learners.adapters import signal_repository
from learners.adapters.signal_repository import SignalFilter
from learners.domain.errors import Absent
from learners.domain.signal import ShortageSignal, guarded
from learners.entrypoints.routing import LearnersRoute, ReaderOrOperator
from learners.entrypoints.signal_views import SignalView
from makersync.http.pagination import Page, PageQuery
from makersync.http.security import Principal
from makersync.http.wiring import Reading
from reference.region_filter import RegionFilter

COLLECTION = "/v1/signals"
LevelFilter = Annotated[
    Literal["insufficient_data", "surplus", "balanced", "shortage", "severe"] | None,
    Query(description="Only cells at this level now.", examples=["shortage"]),
]
SubjectKindFilter = Annotated[
    Literal["credential", "competency"] | None,
    Query(description="Only cells of credentials, or only those of competencies.", examples=["competency"]),
]
RegionPath = Annotated[
    str,
    Path(max_length=40, description="Labour market: a CBSA code, `nonmetro-` with the state, or `remote`.", examples=["45780"]),
]
SubjectPath = Annotated[
    str,
    Path(
        max_length=300,
        description="`credential:` with an id, or `competency:` with an id, `@` and a level from 1 to 5.",
        examples=["competency:machining.cnc-milling@3"],
    ),
]


def signal_routes() -> APIRouter:
    router = APIRouter(tags=["signals"], route_class=LearnersRoute)

    @router.get(COLLECTION, summary="List the signals")
    async def list_signals(
        principal: ReaderOrOperator,
        session: Reading,
        page: PageQuery,
        region: RegionFilter = None,
        level: LevelFilter = None,
        subject_kind: SubjectKindFilter = None,
    ) -> Page[SignalView]:
        """The newest signal of each cell, by region and subject. Providers are shown no counts, indicators or credentials of a
        cell at `insufficient_data`, since they would be read as a finding; operators are shown all (MARKET.md section 13).
        """
        found = await signal_repository.list_signals(session, SignalFilter(region, level, subject_kind), page)
        return found.map(lambda one: _shown(principal, one))

    @router.get(COLLECTION + "/{region}/{subject}", summary="Read the signal of a cell")
    async def read_signal(
        principal: ReaderOrOperator, region: RegionPath, subject: SubjectPath, session: Reading
    ) -> SignalView:
        """The newest signal, under the same guard as in the list. Refused (404) for a cell that never had one."""
        signal = await signal_repository.find_signal(session, region, subject)
        if signal is None:
            raise Absent
        return _shown(principal, signal)

    return router


def _shown(principal: Principal, signal: ShortageSignal) -> SignalView:
    return SignalView.of(signal if principal.is_operator else guarded(signal))
