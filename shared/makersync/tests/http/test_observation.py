"""What operators see of requests (traces, log lines, metrics, health) and what they must never see."""

import json
import logging
from collections.abc import Iterator

import httpx
import pytest
import structlog
from fastapi import FastAPI
from structlog.testing import capture_logs

from makersync.clock import ManualClock
from makersync.errors import OperatorError, RetryLater
from makersync.http.traces import accepted_trace
from makersync.settings import Settings
from makersync.telemetry import configure_logging, create_metrics
from makersync.tracing import Trace, current_trace

from .conftest import Parts

Headers = dict[str, str]
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def seen(app: FastAPI) -> list[Trace]:
    seen: list[Trace] = []

    @app.get("/traced")
    async def traced_route() -> None:
        seen.append(current_trace())

    return seen


async def test_the_callers_trace_is_kept_and_returned(client: httpx.AsyncClient, seen: list[Trace]) -> None:
    answer = await client.get("/traced", headers={"X-Correlation-Id": "order:7", "traceparent": PARENT})
    assert answer.headers["X-Correlation-Id"] == "order:7"
    assert seen == [Trace("order:7", PARENT)]
    assert current_trace() == Trace()


@pytest.mark.parametrize(
    "sent", [{}, {"X-Correlation-Id": "a b"}, {"X-Correlation-Id": "x" * 101}, {"X-Correlation-Id": "a\tb"}]
)
async def test_unusable_correlation_id_is_replaced(client: httpx.AsyncClient, seen: list[Trace], sent: Headers) -> None:
    answer = await client.get("/traced", headers=sent)
    assert answer.headers["X-Correlation-Id"] == seen[0].correlation_id
    assert len(answer.headers["X-Correlation-Id"]) == 36


@pytest.mark.parametrize(
    "parent",
    [
        "",
        "nonsense",
        PARENT.upper(),
        PARENT + "-more",
        "ff" + PARENT[2:],
        "00-" + "0" * 32 + PARENT[35:],
        PARENT[:36] + "0" * 16 + "-01",
    ],
)
def test_invalid_traceparent_is_dropped(parent: str) -> None:
    assert accepted_trace("c", parent) == Trace("c", None)


def test_traceparent_of_a_later_version_is_kept() -> None:
    assert accepted_trace("c", "01" + PARENT[2:] + "-more").traceparent == "01" + PARENT[2:] + "-more"


async def test_errors_carry_the_correlation_id_too(client: httpx.AsyncClient, operator: Headers) -> None:
    headers = operator | {"X-Correlation-Id": "order-7"}
    for answer in (
        await client.post("/v1/fail", json={"title": "x"}, headers=headers),
        await client.post("/v1/fail", json={"title": "x" * 5000}, headers=headers),
        await client.get("/nothing", headers=headers),
    ):
        assert answer.headers["X-Correlation-Id"] == "order-7"


async def test_a_request_is_logged_without_its_content(client: httpx.AsyncClient, acme: Headers) -> None:
    with capture_logs() as lines:
        await client.post("/v1/notices", json={"title": "private-title"}, headers=acme)
        await client.get("/v1/notices", params={"title": "private-title"}, headers=acme)
        await client.get("/v1/notices/private-id", headers=acme)
        await client.post("/v1/notices", json={"title": ["private-title"]}, headers=acme)
    assert [(line["event"], line["method"], line["route"], line["status"]) for line in lines] == [
        ("request.handled", "POST", "/v1/notices", 201),
        ("request.handled", "GET", "/v1/notices", 200),
        ("request.handled", "GET", "/v1/notices/{notice_id}", 404),
        ("request.handled", "POST", "/v1/notices", 422),
    ]
    assert "private" not in str(lines)
    assert "mks_" not in str(lines)


async def test_failure_is_logged_under_its_id_without_its_message(client: httpx.AsyncClient, operator: Headers) -> None:
    with capture_logs() as lines:
        answer = await client.post("/v1/fail", json={"title": "private-title"}, headers=operator)
    failed = next(line for line in lines if line["event"] == "request.failed")
    assert failed["failure_id"] == answer.json()["instance"]
    assert failed["failure"]["error"] == "builtins.RuntimeError"
    assert any("sample.py" in frame for frame in failed["failure"]["frames"])
    assert "private" not in str(lines)
    assert "secret detail" not in str(lines)


async def test_issued_token_is_not_logged(client: httpx.AsyncClient, operator: Headers) -> None:
    with capture_logs() as lines:
        wanted = {"name": "ci", "scopes": ["notices:read"]}
        token = (await client.post("/v1/employers/acme/keys", json=wanted, headers=operator)).json()["token"]
    assert lines
    assert token not in str(lines)


async def test_metrics_count_by_route_template(client: httpx.AsyncClient, inside: httpx.AsyncClient, acme: Headers) -> None:
    for number in range(3):
        await client.get(f"/v1/notices/{number}", headers=acme)
    await client.get("/wp-admin")
    text = (await inside.get("/metrics")).text
    assert 'makersync_http_requests_total{method="GET",route="/v1/notices/{notice_id}",status="404"} 3.0' in text
    assert 'makersync_http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in text
    assert "wp-admin" not in text


async def test_the_public_port_shows_no_metrics(client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics")).status_code == 404


async def test_two_services_in_one_process_count_separately() -> None:
    first, second = create_metrics(), create_metrics()
    first.events_consumed.labels("OpeningPublished").inc()
    first.partition_state.labels("matching", "3").state("halted")
    assert first.registry.get_sample_value("makersync_events_consumed_total", {"type": "OpeningPublished"}) == 1
    assert second.registry.get_sample_value("makersync_events_consumed_total", {"type": "OpeningPublished"}) is None


async def test_a_service_is_ready_when_every_part_is_available(client: httpx.AsyncClient, inside: httpx.AsyncClient) -> None:
    for asked in (client, inside):
        assert (await asked.get("/healthz")).json() == {"status": "alive"}
        answer = await asked.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ready", "parts": {"database": "ok", "broker": "ok"}})


async def test_readiness_names_the_missing_part_and_its_reason_only_on_the_inner_port(
    client: httpx.AsyncClient, inside: httpx.AsyncClient, parts: Parts
) -> None:
    for error, told, why in (
        (RetryLater("no broker at 127.0.0.1:9092"), "away", "away: no broker at 127.0.0.1:9092"),
        (OperatorError("partition 3 has 100 dead letters"), "halted", "halted: partition 3 has 100 dead letters"),
        (RuntimeError("password=hunter2"), "failed", "failed: see the log"),
    ):
        parts.missing["broker"] = error
        public, inner = await client.get("/readyz"), await inside.get("/readyz")
        assert (public.status_code, inner.status_code) == (503, 503)
        assert public.json()["parts"] == {"database": "ok", "broker": told}
        assert inner.json()["parts"] == {"database": "ok", "broker": why}


async def test_a_check_that_raises_makes_the_service_unready_without_details(inside: httpx.AsyncClient, parts: Parts) -> None:
    parts.missing["database"] = RuntimeError("password=hunter2")
    with capture_logs() as lines:
        answer = await inside.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["database"]) == (503, "failed: see the log")
    assert "hunter2" not in answer.text + str(lines)


@pytest.fixture
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    logging.getLogger("uvicorn.access").disabled = False
    structlog.reset_defaults()


@pytest.mark.usefixtures("restored_logging")
def test_log_lines_are_json_and_name_their_process(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings(instance="2"), "openings")
    structlog.get_logger("sample").info("relay.started", batch=5)
    try:
        raise ValueError("private message")
    except ValueError:
        logging.getLogger("library").exception("library.failed")
    structlog.get_logger("sample").debug("too.fine")
    output = capsys.readouterr().out
    first, second = (json.loads(line) for line in output.splitlines())
    assert (first["event"], first["service"], first["instance"], first["batch"]) == ("relay.started", "openings", "2", 5)
    assert first["level"] == "info"
    assert first["timestamp"].endswith("Z")
    assert second["failure"]["error"] == "builtins.ValueError"
    assert "private message" not in output


@pytest.mark.usefixtures("restored_logging")
def test_log_lines_can_be_text(capsys: pytest.CaptureFixture[str], clock: ManualClock) -> None:
    configure_logging(Settings(log_format="text"), "openings")
    structlog.get_logger("sample").warning("relay.behind", seconds=3)
    output = capsys.readouterr().out
    assert "relay.behind" in output
    assert "seconds=3" in output
