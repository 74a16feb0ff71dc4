"""What the user sees: on a terminal of any usual size, and in a pipe."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from demo.client.issued_ids import IssuedIds
from demo.market.atlas import Atlas
from demo.showing.figures import Figures, ShortageFigures
from demo.showing.live_view import AccessPoint, LiveView, Ticker, access_table, latency_words
from demo.showing.narration import Narrator
from demo.showing.reporting import PlainReporter, TerminalReporter, reporter_for
from demo.showing.summary import BestMatch, Summary, score_words, summary_view

AT = datetime(2026, 11, 22, 20, 39, 58, tzinfo=UTC)
KEY = "mks_0123456789abcdef_abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
DOORS = [
    AccessPoint(service, f"for {whose}:", f"http://127.0.0.1:{port}", KEY, f"curl -H @var/demo/keys/{whose[:8]} {path}")
    for service, whose, port, path in (
        ("openings", "employers; the key of Synthetic Works 2", 8101, "http://127.0.0.1:8101/v1/openings"),
        ("learners", "providers; the key of Synthetic Training 1", 8102, "http://127.0.0.1:8102/v1/signals"),
        ("matching", "operators; the key of an operator", 8103, "http://127.0.0.1:8103/v1/markets"),
    )
]
FIGURES = Figures(
    openings={"open": 200, "filled": 3, "closed": 9, "live": 198},
    matches={"live": 710, "proposed": 845, "revised": 333, "withdrawn": 135},
    latency={"measured": 839, "p50": 41, "p95": 106, "p99": 169, "max": 222},
    learners={"seeking": 450, "not_seeking": 50},
    awards={"active": 1058, "in_progress": 59, "suspended": 23, "revoked": 29},
    levels={"insufficient_data": 1, "surplus": 12, "balanced": 12, "shortage": 4, "severe": 2},
    signals={"raised": 29, "eased": 28, "cleared": 24, "silenced": 0, "revised": 523},
)


def shown(what: Any, width: int, height: int = 24) -> str:
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=False)
    console.print(what)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def view(happenings: int = 40) -> LiveView:
    ticker = Ticker()
    for number in range(happenings):
        ticker.add(
            AT, f"Learner {number:06d} earns nims:cnc-milling-operator in a place with a very long name indeed: 3 matches"
        )
    return LiveView(FIGURES, ticker, DOORS, timedelta(seconds=192.7), 384)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 40), (110, 40), (200, 60)])
def test_the_live_view_fits_the_terminal(width: int, height: int) -> None:
    lines = shown(view(), width, height).rstrip("\n").split("\n")
    assert len(lines) <= height
    assert all(len(line) <= width for line in lines)
    assert sum("Learner 0000" in line for line in lines) >= 4


@pytest.mark.parametrize("width", [80, 110])
def test_keys_can_be_copied_in_one_piece(width: int) -> None:
    assert shown(view(), width).count(KEY) == 3
    assert shown(access_table(DOORS), width).count(KEY) == 3


def test_the_live_view_tells_what_matters() -> None:
    picture = shown(view(), 110, 40)
    for words in (
        "running 0:03:12, 384 moves",
        "198 live",
        "710 live, 845 proposed",
        "2 severe",
        "29 raised, 28 eased",
        "p50 41",
    ):
        assert words in picture
    assert "Learner 000039" in picture
    assert "Learner 000000" not in picture


def test_the_line_tells_the_same() -> None:
    assert view(happenings=0).line() == (
        "0:03:12 openings 198 live, 3 filled, 9 closed | learners 500 | matches 710 live, 845 proposed, 135 withdrawn | "
        "signals 29 raised, 28 eased, 24 cleared | event to match p50 41, p95 106, p99 169, max 222 ms "
        "(the last 839 matches)"
    )


def test_what_stands_still_is_a_line_of_its_own() -> None:
    halts = [f"matching.market partition {number}: too much was set aside." for number in range(4)]
    halted = replace(view(happenings=0), halts=halts)
    picture = shown(halted, 110, 40)
    assert [line.rstrip().split(None, 1) for line in picture.split("\n") if line.startswith("HALTED")] == [
        ["HALTED", halts[0]],
        ["HALTED", halts[1]],
        ["HALTED", "and 2 more"],
    ]
    assert halted.line().endswith(f"| HALTED {halts[0]} | HALTED {halts[1]} | HALTED and 2 more")
    assert "HALTED" not in shown(view(), 110, 40) + view().line()


def test_the_line_ends_with_what_happened_last() -> None:
    assert "| Learner 000001 earns nims:cnc-milling-operator" in view(happenings=2).line()


def test_latency_without_a_match_is_not_measured() -> None:
    assert latency_words({"measured": 0, "p50": None, "p95": None, "p99": None, "max": None}) == "nothing measured yet"


def test_a_score_can_be_recomputed_from_what_is_shown() -> None:
    """MARKET.md section 8."""
    words = score_words(5714, {"preferred": 4000, "trainable": None, "evidence": 10000})
    assert words == "score 5714 = (50 x preferred 4000 + 20 x evidence 10000) // 70"
    formula = words.partition(" = ")[2].replace("x preferred", "*").replace("x evidence", "*")
    assert eval(formula) == 5714
    assert score_words(10000, {"preferred": None, "trainable": None, "evidence": None}) == "score 10000: nothing to weigh"


def test_the_summary_explains_matches_and_signals(atlas: Atlas) -> None:
    group = {
        "id": "g1", "met": True, "evidence": "verified", "awards": ["awd_1"],
        "asked": {
            "necessity": "required", "verified_only": True,
            "any_of": [{"credential": "nims:cnc-milling-operator"}, {"competency": "machining.cnc-milling", "level": 2}],
        },
    }  # fmt: skip
    unmet = group | {"id": "g2", "met": False, "evidence": None, "awards": [], "asked": None}
    explanation = {
        "score": 10000,
        "components": {"preferred": None, "trainable": None, "evidence": 10000},
        "groups": [group, unmet],
    }
    opening = {"title": "CNC Tool Operators", "remote": False, "zip": "44028", "region_name": "Cleveland, OH", "candidates": 1}
    counts = {"demand": 21000, "supply": 2, "blocked": 14, "tightness": 4000}
    cell = ShortageFigures("19820", "competency:machining.cnc-milling@2", "severe", counts, ("nims:cnc-milling-operator",))
    cell = replace(cell, level_ahead="shortage")
    summary = Summary(FIGURES, [BestMatch(opening, {"learner_id": "lrn_1", "explanation": explanation})], [cell])
    assert "yes, verified by an award" in shown(summary_view(summary, Narrator(atlas, IssuedIds())), 80)
    text = shown(summary_view(summary, Narrator(atlas, IssuedIds())), 110)
    for words in (
        "1 candidate;",
        "or machining.cnc-milling at 2",
        "required,",
        "verified only",
        "yes, verified by an award",
        "revised since",
        "(level 2) in Detroit, MI",
        "21.0",
        "severe,",
        "then shortage",
    ):
        assert words in text


def test_a_pipe_gets_a_line_now_and_then() -> None:
    out = io.StringIO()
    reporter = PlainReporter(Console(file=out, width=80, force_terminal=False), every_s=1000.0)
    with reporter.loading({"openings": 300, "learners": 1000, "cohorts": 0}) as advance:
        for _ in range(300):
            advance("openings")
    with reporter.settling() as report:
        report(5)
    with reporter.living(access_table(DOORS)) as show:
        show("picture", "a line")
    lines = out.getvalue().splitlines()
    assert lines[0] == "Loaded 1 of 300 openings, 0 of 1000 learners"
    assert lines[1] == "Loaded 300 of 300 openings, 0 of 1000 learners"
    assert "\x1b" not in out.getvalue()
    assert "picture" not in out.getvalue()


def test_a_terminal_gets_bars_and_pictures() -> None:
    console = Console(file=io.StringIO(), width=80, height=24, force_terminal=True)
    reporter = reporter_for(console)
    assert isinstance(reporter, TerminalReporter)
    with reporter.loading({"openings": 2, "cohorts": 0}) as advance:
        advance("openings")
    with reporter.settling() as report:
        report(5)
        report(0)
    with reporter.living(access_table(DOORS)) as show:
        show("a picture", "a line")
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Loading openings" in text
    assert "a picture" in text
    assert "a line" not in text
