"""What the pages of operators show of the process that answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import FastAPI, Request

from makersync.http.health import Check
from makersync.runtime.status import ProcessStatus


@dataclass(frozen=True, slots=True)
class ProcessState:
    """The status of the process, and its readiness part by part."""

    status: ProcessStatus
    readiness: Callable[[], Mapping[str, Check]]


def keep_process_state(app: FastAPI, status: ProcessStatus, readiness: Callable[[], Mapping[str, Check]]) -> None:
    """It belongs to the application: routes keep nothing between requests."""
    app.state.process = ProcessState(status, readiness)


def process_state_of(request: Request) -> ProcessState:
    state = request.app.state.process
    assert isinstance(state, ProcessState)
    return state
