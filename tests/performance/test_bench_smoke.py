"""The bench runs from end to end, and every figure comes out. What the figures are is nobody's promise."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from matching.domain.market.policy import Policy
from tests.performance.__main__ import ALONE, app
from tests.performance.latency import BESIDE, PERCENTILES, UNITS
from tests.performance.pacing import measure_pacing
from tests.performance.sizes import SIZES, Size
from tests.servers.postgres import URL, PostgresServer

ROOT = Path(__file__).parents[2]
DEADLINE_S = 280
ENGINE = {
    ("kernel", "evaluate everything from nothing"),
    ("kernel", "live matches"),
    ("kernel", "pairs that are qualified (sample)"),
    ("kernel", "pairs that are near misses (sample)"),
    ("kernel", "engine: learner events"),
    ("kernel", "engine: opening events"),
}
BESIDE_IT = {
    ("kernel", "PostgreSQL GIN: learner events"),
    ("kernel", "PostgreSQL GIN: opening events"),
    ("kernel", "engine / GIN, learner events"),
    ("kernel", "engine / GIN, opening events"),
}
FILES = {
    ("market file", "10 openings, 30 learners: plain evaluator"),
    ("market file", "10 openings, 30 learners: market evaluate"),
    ("market file", "plain evaluator / market evaluate"),
    *(("market file", f"20 openings, 100 learners: {what}") for what in ("market evaluate", "peak memory", "matches")),
}
PATHWAYS = {
    ("pathways", "first sweep: lists told"),
    *(
        ("pathways", f"one opening: {what}")
        for what in (
            "lists that it changes",
            "the pace that is set",
            "looked at, by second",
            "until all of them are told",
            "work, by second",
        )
    ),
}
RELAY = {
    ("outbox relay", "bare aiokafka produce loop"),
    ("outbox relay", "relay alone: read, publish, mark"),
    ("outbox relay", "publisher: relay, lease, auditor"),
    ("outbox relay", "relay / bare"),
    ("outbox relay", "publisher / bare"),
}
CONSUMER = {
    ("consumer loop", "bare aiokafka loop: parse JSON, count"),
    ("consumer loop", "consumer loop: fence, offsets, effect in SQL"),
    ("consumer loop", "consumer loop / bare"),
}
WEBHOOKS = {
    ("webhooks", "bare httpx loop"),
    ("webhooks", "one webhook: leased, signed, recorded"),
    ("webhooks", "sender / bare"),
}
LATENCY = {("event to match", f"{rate}/s: {name}") for rate in (50, 200) for name in UNITS.keys() - BESIDE} | {
    (measure, f"{rate}/s: {name}")
    for rate in (50, 200)
    for measure, names in (("event to stream", PERCENTILES), ("event to webhook", BESIDE))
    for name in names
}
SERVICE = {
    ("service", "take in everything, from the process's start"),
    ("service", "bare aiokafka loop: parse JSON, count"),
    ("service", "learner events, durable and exact"),
    ("service", "service / bare"),
    ("restart", "process start to first settled batch"),
    ("restart", "partition taken to first settled batch"),
}
NATION = {
    ("national replay", f"{learners} learners: {what}")
    for learners in (100, 200)
    for what in (
        "records",
        "awards",
        "time, from the start of the processes",
        "time until all of it is published",
        "rate",
        "peak memory of the processes",
        "live matches",
        "signals",
        "cost of a record afterwards",
    )
}
#: A small nation has too little evidence for a signal.
MAY_BE_NONE = {"signals"}


def figures_of(file: Path, profile: str, *options: str, **environment: str) -> list[dict[str, Any]]:
    """What a tiny run wrote of a profile; each case was also printed."""
    command = [sys.executable, "-m", "tests.performance", "--size", "tiny", "--json", str(file), *options]
    variables = os.environ | environment
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_S, check=False, env=variables)
    assert done.returncode == 0, done.stderr[-3000:]
    document = json.loads(file.read_text())
    assert document["machine"]["cpus"] > 0
    figures: list[dict[str, Any]] = document["profiles"][profile]["figures"]
    assert all(figure["case"] in done.stdout for figure in figures)
    return figures


def demand(figures: list[dict[str, Any]], expected: set[tuple[str, str]]) -> None:
    assert {(figure["measure"], figure["case"]) for figure in figures} == expected
    assert len(figures) == len(expected)
    for figure in figures:
        least = 0 if figure["unit"] in MAY_BE_NONE else sys.float_info.min
        assert least <= figure["min"] <= figure["median"] <= figure["max"], figure
        assert figure["unit"]


@pytest.mark.slow
@pytest.mark.timeout(DEADLINE_S + 20)
@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        (("relay", "consumer", "webhooks", "latency"), RELAY | CONSUMER | WEBHOOKS | LATENCY),
        (("service",), SERVICE),
        (("nation",), NATION),
    ],
)
def test_a_tiny_bench_of_the_embedded_profile_prints_and_writes_every_figure(
    tmp_path: Path, measures: tuple[str, ...], expected: set[tuple[str, str]]
) -> None:
    options = [word for measure in measures for word in ("--measure", measure)]
    demand(figures_of(tmp_path / "figures.json", "embedded", "--profile", "embedded", *options), expected)


@pytest.mark.slow
def test_a_market_file_is_evaluated_both_ways(tmp_path: Path) -> None:
    demand(figures_of(tmp_path / "figures.json", ALONE, "--measure", "files"), FILES)


def test_what_one_opening_does_to_the_pathways_is_printed(tmp_path: Path) -> None:
    demand(figures_of(tmp_path / "figures.json", ALONE, "--measure", "pathways"), PATHWAYS)


async def test_what_one_opening_does_to_the_pathways_is_paced() -> None:
    """Guards: everybody's list waits, a tenth of the people are looked at in a second, in the first what was saved up too."""
    learners = SIZES[Size.TINY].kernel_learners
    pace = learners // 10
    figures = await measure_pacing(SIZES[Size.TINY], lambda _about: None, Policy(pathway_rate=pace))
    found = {figure.case: figure for figure in figures}
    first, *others = found["one opening: looked at, by second"].rounds
    assert first <= 2 * pace
    assert max(others) <= pace
    assert first + sum(others) == learners


@pytest.mark.cluster
def test_the_kernel_and_postgresql_find_the_same_shortlists(tmp_path: Path, postgres_server: PostgresServer) -> None:
    """The run itself compares them, and fails where they differ."""
    figures = figures_of(tmp_path / "figures.json", ALONE, "--measure", "kernel", **{URL: postgres_server.url})
    demand(figures, ENGINE | BESIDE_IT)


def test_help_shows_an_example() -> None:
    assert "Example: make bench" in CliRunner().invoke(app, ["--help"]).output
