"""Liveness, readiness and metrics, for supervisors, dashboards and, without reasons, for the public."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

import structlog
from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from makersync.errors import OperatorError, RetryLater
from makersync.http.routing import CheckedRoute
from makersync.telemetry import Metrics, describe_failure

#: One part of readiness. It returns if the part is available; otherwise RetryLater or OperatorError says what is missing.
Check = Callable[[], Awaitable[None]]

LONGEST_CHECK = 2.0

log = structlog.get_logger(__name__)


class Liveness(BaseModel):
    """The process answers."""

    status: Literal["alive"] = Field("alive", description="Always `alive`: a process that is not does not answer.")


class Readiness(BaseModel):
    """Whether the process can do its work, and which of its parts cannot."""

    status: Literal["ready", "not_ready"] = Field(description="`ready` when every part is `ok`.")
    parts: dict[str, str] = Field(
        description="By the name of each part `ok`, or that it is `away`, `halted` or `failed`; on the inner port also why.",
        examples=[{"database": "ok", "broker": "ok"}],
    )


_NOT_READY: dict[int | str, dict[str, Any]] = {
    503: {
        "model": Readiness,
        "description": "A part is missing.",
        "content": {"application/json": {"example": {"status": "not_ready", "parts": {"database": "ok", "broker": "away"}}}},
    }
}


def public_health_routes(readiness: Mapping[str, Check]) -> APIRouter:
    """`/healthz` and `/readyz` (503 unless every check returns), without reasons."""
    return _health_routes(readiness, _without_reason)


def inner_routes(readiness: Mapping[str, Check], metrics: Metrics) -> APIRouter:
    """The same routes with reasons, and `/metrics` (Prometheus text)."""
    router = _health_routes(readiness, str)

    @router.get("/metrics", response_class=Response, summary="Metrics in Prometheus' text format")
    async def metrics_text() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


async def states_of(readiness: Mapping[str, Check]) -> dict[str, str]:
    """For each part `ok`, or what is wrong with it."""
    states = await asyncio.gather(*(_state(check) for check in readiness.values()))
    return dict(zip(readiness, states, strict=True))


def _health_routes(readiness: Mapping[str, Check], shown: Callable[[str], str]) -> APIRouter:
    router = APIRouter(tags=["health"], route_class=CheckedRoute)

    @router.get("/healthz", summary="Whether the process lives")
    async def read_liveness() -> Liveness:
        """For supervisors: restart a process that does not answer. It says nothing of databases or the broker."""
        return Liveness()

    @router.get("/readyz", response_model=Readiness, responses=_NOT_READY, summary="Whether every part is there")
    async def read_readiness() -> JSONResponse:
        """For load balancers: send requests only while the answer is 200. A part that is missing makes it 503, with the same
        body. No reasons are given here; operators find them in `GET /v1/operations`.
        """
        states = await states_of(readiness)
        ready = all(state == "ok" for state in states.values())
        parts = {name: shown(state) for name, state in states.items()}
        answer = Readiness(status="ready" if ready else "not_ready", parts=parts)
        return JSONResponse(answer.model_dump(), 200 if ready else 503)

    return router


def _without_reason(state: str) -> str:
    """The public must not see addresses, drivers' messages or internal names."""
    return state.partition(":")[0]


async def _state(check: Check) -> str:
    try:
        async with asyncio.timeout(LONGEST_CHECK):
            await check()
    except OperatorError as error:
        return f"halted: {error}"
    except RetryLater as error:
        return f"away: {error}"
    except TimeoutError:
        return f"away: no answer in {LONGEST_CHECK:g} s"
    except Exception as error:  # noqa: BLE001 - whatever it is, this part is not there, and the answer must name it
        log.error("readiness.failed", failure=describe_failure(error))
        return "failed: see the log"
    return "ok"
