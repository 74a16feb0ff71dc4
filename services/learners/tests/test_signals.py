"""Shortage signals, under the evidence guard."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from contracts.matching import ShortageState
from learners.domain.signal import ShortageSignal, guarded
from makersync.envelope import Unreadable

from .conftest import Caller
from .events import REGION, Feed, match, signal
from .samples import accepted, register
from .test_pathways import refreshed

ROOT = Path(__file__).parents[3]
SUBJECT = "credential:nims:cnc-milling-operator"
COMPETENCY = "competency:machining.cnc-milling@3"
CELL = f"/v1/signals/{REGION}/{SUBJECT}"
COUNTS = {
    "demand": 9000,
    "openings": 7,
    "employers": 4,
    "supply": 1,
    "supply_home": 1,
    "pipeline": 2,
    "blocked": 5,
    "tightness": 3666,
    "employer_share": 444,
    "tightness_ahead": 2200,
}


async def test_a_signal_is_shown_in_full_to_providers_and_operators(york: Caller, operator: Caller, feed: Feed) -> None:
    await feed.batch(signal("ShortageRaised", 1))
    shown = accepted(await york.get(CELL))
    assert shown == {
        "region": REGION,
        "subject": SUBJECT,
        "level": "severe",
        "level_ahead": "shortage",
        "kind": "ShortageRaised",
        "components": COUNTS,
        "top_credentials": ["nims:cnc-milling-operator"],
        "policy_version": 1,
        "day": "2026-11-22",
        "at": "2026-11-22T08:59:59Z",
        "version": 1,
        "indicators": None,
    }
    assert (await york.get("/v1/signals")).json()["items"] == [shown]
    assert (await operator.get(CELL)).json() == shown


async def test_a_signal_by_version_1_of_the_rules_is_shown_without_the_newer_fields(york: Caller, feed: Feed) -> None:
    topic, kind, subject, version, data = signal("ShortageRaised", 1)
    newer = ("employer_share", "tightness_ahead", "level_ahead")
    await feed.batch((topic, kind, subject, version, {name: value for name, value in data.items() if name not in newer}))
    shown = accepted(await york.get(CELL))
    assert shown["level_ahead"] is None
    assert shown["components"] == COUNTS | {"employer_share": None, "tightness_ahead": None}
    await feed.batch(signal("ShortageRevised", 2))
    shown = accepted(await york.get(CELL))
    assert (shown["level_ahead"], shown["components"]) == ("shortage", COUNTS)


UNDER_GUARD = {"level": "insufficient_data", "level_ahead": "insufficient_data"}


async def test_providers_never_see_the_counts_of_a_guarded_cell(york: Caller, operator: Caller, feed: Feed) -> None:
    await feed.batch(signal("ShortageSilenced", 2, **UNDER_GUARD, employer_share=900))
    for shown in (accepted(await york.get(CELL)), accepted(await york.get("/v1/signals"))["items"][0]):
        assert {name: shown[name] for name in UNDER_GUARD} == UNDER_GUARD
        assert (shown["components"], shown["top_credentials"]) == (None, [])
    assert accepted(await operator.get(CELL))["components"] == COUNTS | {"employer_share": 900}


INDICATORS = {
    "as_of": "2026-11-21",
    "source": "simulated",
    "driver": "long_training",
    "demand_trend": {"value": -12, "evidence": 13},
    "fill_rate": {"value": 640, "evidence": 12},
    "days_to_fill": {"evidence": 2},
}


async def test_the_indicators_of_a_signal_are_shown_as_published(york: Caller, feed: Feed) -> None:
    await feed.batch(signal("ShortageRaised", 1, indicators=INDICATORS | {"novelty": 1}))
    unsaid = dict.fromkeys(("posted_wage", "wage_ratio", "concentration"))
    thin = {"value": None, "evidence": 2}
    assert accepted(await york.get(CELL))["indicators"] == INDICATORS | {"days_to_fill": thin} | unsaid


async def test_providers_never_see_the_indicators_of_a_guarded_cell(york: Caller, operator: Caller, feed: Feed) -> None:
    await feed.batch(signal("ShortageSilenced", 2, level="insufficient_data", indicators=INDICATORS))
    assert accepted(await york.get(CELL))["indicators"] is None
    assert accepted(await operator.get(CELL))["indicators"]["fill_rate"] == {"value": 640, "evidence": 12}


async def test_the_guard_keeps_no_opening_secret(york: Caller, feed: Feed) -> None:
    """One opening behind a cell is no finding, but no secret either to providers whose learners match it, or almost do."""
    ada = await register(york)
    await feed.batch(
        signal("ShortageSilenced", 2, level="insufficient_data", openings=1, employers=1),
        match("MatchProposed", 1, ada, "opn_only"),
        refreshed(1, ada, {"nims:cnc-milling-operator": 1}),
    )
    shown = accepted(await york.get(CELL))
    assert (shown["level"], shown["components"], shown["indicators"]) == ("insufficient_data", None, None)
    [match_shown] = accepted(await york.get(f"/v1/learners/{ada}/matches"))["items"]
    assert match_shown["opening_id"] == "opn_only"
    [step] = accepted(await york.get(f"/v1/learners/{ada}/pathways"))["credentials"]
    assert (step["credential"], step["unlocked"], step["regions"]) == ("nims:cnc-milling-operator", 1, {REGION: 1})
    [reach] = accepted(await york.get("/v1/pathways"))["items"]
    assert (reach["positions"], reach["unlocked"]) == (1, 1)
    [through] = accepted(await york.get("/v1/pathways/nims:cnc-milling-operator/learners"))["items"]
    assert (through["learner_id"], through["unlocked"]) == (ada, 1)


async def test_operators_see_every_signal_in_full(york: Caller, operator: Caller, feed: Feed) -> None:
    told = {"level": "insufficient_data", "openings": 1, "employers": 1, "indicators": INDICATORS}
    await feed.batch(signal("ShortageSilenced", 2, **told))
    for path in (f"/v1/signals?region={REGION}", "/v1/signals?level=insufficient_data"):
        [guarded], [whole] = accepted(await york.get(path))["items"], accepted(await operator.get(path))["items"]
        assert whole["components"] == COUNTS | {"openings": 1, "employers": 1}
        assert whole["indicators"]["fill_rate"] == {"value": 640, "evidence": 12}
        left_out = {"components": None, "indicators": None, "top_credentials": []}
        assert guarded == whole | left_out


def test_the_guard_as_documented_is_the_guard_as_shown() -> None:
    [rule] = re.findall(
        r"- \*\*Guard\.\*\*.*?(?=\n- \*\*|\n\n)", (ROOT / "services/learners/README.md").read_text("utf-8"), re.S
    )
    assert "Nothing is secret by it: matches name openings" in " ".join(rule.split())
    fields = json.loads((ROOT / "shared/contracts/schemas/openapi/learners.json").read_text("utf-8"))["components"]["schemas"][
        "SignalView"
    ]
    told = [fields["properties"][name]["description"] for name in ("components", "indicators")]
    told += [ShortageState.__doc__ or "", guarded.__doc__ or "", ShortageSignal.__doc__ or ""]
    for text in told:
        assert "guard" in text
        assert not re.search(r"\b(confidential|conceal|hidden|private|privacy|withheld|may see|may know)", text), text


async def test_only_a_newer_signal_of_a_cell_counts(york: Caller, operator: Caller, feed: Feed) -> None:
    await feed.batch(signal("ShortageRaised", 1), signal("ShortageEased", 3, level="shortage"), signal("ShortageRevised", 2))
    await feed.batch(signal("ShortageRaised", 1), signal("ShortageRevised", 3))
    shown = (await york.get(CELL)).json()
    assert (shown["version"], shown["level"], shown["kind"]) == (3, "shortage", "ShortageEased")
    totals = (await operator.get("/v1/activity")).json()["signals"]["totals"]
    assert totals == {"raised": 1, "eased": 1, "cleared": 0, "silenced": 0, "revised": 0}


async def test_signals_are_filtered(york: Caller, feed: Feed) -> None:
    await feed.batch(
        signal("ShortageRaised", 1),
        signal("ShortageRaised", 1, COMPETENCY, level="shortage"),
        signal("ShortageRaised", 1, region="remote"),
    )

    async def cells(**filters: str) -> list[tuple[str, str]]:
        return [(one["region"], one["subject"]) for one in (await york.get("/v1/signals", **filters)).json()["items"]]

    assert await cells() == [(REGION, COMPETENCY), (REGION, SUBJECT), ("remote", SUBJECT)]
    assert await cells(region="remote") == [("remote", SUBJECT)]
    assert await cells(level="shortage") == [(REGION, COMPETENCY)]
    assert await cells(subject_kind="credential", region=REGION) == [(REGION, SUBJECT)]
    assert (await york.get("/v1/signals", level="dire")).status_code == 422
    assert (await york.get(f"/v1/signals/{REGION}/credential:none")).status_code == 404
    assert accepted(await york.get(f"/v1/signals/{REGION}/{COMPETENCY}"))["level"] == "shortage"


@pytest.mark.parametrize(
    "changed",
    [
        {"level": "dire"},
        {"demand": -1},
        {"employer_share": 1001},
        {"level_ahead": "dire"},
        {"supply": 2**31},
        {"region": "York"},
        {"subject": "nothing"},
        {"day": "soon"},
        {"indicators": {}},
    ],
)
async def test_a_signal_that_breaks_the_contract_is_set_aside(feed: Feed, changed: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="breaks_contract"):
        await feed.batch(signal("ShortageRaised", 1, **changed))
