"""The bench runs from end to end, and every figure comes out. What the figures are is nobody's promise."""

import json
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from tests.performance.__main__ import app
from tests.performance.latency import UNITS
from tests.performance.sizes import QUICK

ROOT = Path(__file__).parents[2]

EXPECTED = {
    ("outbox relay", "bare aiokafka produce loop"),
    ("outbox relay", "relay alone: read, publish, mark"),
    ("outbox relay", "publisher: relay, lease, auditor"),
    ("outbox relay", "relay / bare"),
    ("outbox relay", "publisher / bare"),
    ("consumer loop", "bare aiokafka loop: parse JSON, count"),
    ("consumer loop", "consumer loop: fence, offsets, effect in SQL"),
    ("consumer loop", "consumer loop / bare"),
    *(("event to match", f"{rate}/s: {name}") for rate in (50, 200) for name in UNITS),
    *(("matching consumer", f"{learners} learners register") for learners in QUICK.markets),
    *(("matching consumer", f"changes among {learners} learners") for learners in QUICK.markets),
}


def test_a_quick_bench_of_the_embedded_profile_prints_and_writes_every_figure(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    command = [sys.executable, "-m", "tests.performance", "--quick", "--profile", "embedded", "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    document = json.loads(file.read_text())
    assert document["machine"]["cpus"] > 0
    figures = document["profiles"]["embedded"]["figures"]
    assert {(figure["measure"], figure["case"]) for figure in figures} == EXPECTED
    assert len(figures) == len(EXPECTED)
    for figure in figures:
        assert 0 < figure["min"] <= figure["median"] <= figure["max"], figure
        assert figure["unit"]
        assert figure["case"] in done.stdout


def test_help_shows_an_example() -> None:
    assert "Example: make bench" in CliRunner().invoke(app, ["--help"]).output
