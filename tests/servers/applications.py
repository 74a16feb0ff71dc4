"""The HTTP application of a service without a process. Its routes are built once for many tests, since that takes longer than
most of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from fastapi import APIRouter, FastAPI

from makersync.clock import Clock
from makersync.effects.outbox import Outbox
from makersync.http.application import create_app
from makersync.http.wiring import Wiring
from makersync.runtime.feeds import feed_of
from makersync.runtime.operating.pages import operator_routers
from makersync.runtime.operating.process_state import keep_process_state
from makersync.runtime.service import Context, ServiceDefinition
from makersync.runtime.status import ProcessStatus
from makersync.settings import Settings

#: Settings that differ from test to test, and that no route is built with.
NOT_BUILT_IN: dict[str, Any] = {"state_folder": Path(), "smtp_port": 25}


def application(definition: ServiceDefinition, context: Context, wiring: Wiring) -> FastAPI:
    """The application, with state of its own. All applications of one service tell the time by the clock of the newest."""
    built = _built(definition, context)
    built.clock.follows = context.clock
    app = create_app(definition.name, "1", wiring, built.routers, {}, definition.rules, definition.warnings)
    app.state.feed = feed_of(context)
    keep_process_state(app, ProcessStatus(definition, context), lambda: {})
    return app


@dataclass
class _FollowingClock:
    """The clock of whichever test is under way."""

    follows: Clock

    def now(self) -> datetime:
        return self.follows.now()

    def today(self) -> date:
        return self.follows.today()

    def date_of(self, instant: datetime) -> date:
        return self.follows.date_of(instant)

    def monotonic(self) -> float:
        return self.follows.monotonic()


@dataclass(frozen=True, slots=True)
class _Built:
    routers: Sequence[APIRouter]
    clock: _FollowingClock


_BUILT: dict[tuple[str, Settings], _Built] = {}


def _built(definition: ServiceDefinition, context: Context) -> _Built:
    """The routes, which hold nothing of the context but its settings: they reach its store through the application."""
    settings = context.settings.model_copy(update=NOT_BUILT_IN)
    if (known := _BUILT.get((definition.name, settings))) is not None:
        return known
    clock, absent = _FollowingClock(context.clock), cast(Any, None)
    outbox = Outbox(f"/makersync/{definition.name}", clock, settings.partitions)
    routers = [*definition.routers(Context(settings, absent, clock, outbox, absent, absent))]
    if definition.site is not None:
        routers.extend(operator_routers(definition.site, clock, settings))
    return _BUILT.setdefault((definition.name, settings), _Built(routers, clock))
