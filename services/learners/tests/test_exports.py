"""A provider's files: what they hold, and for whom."""

from typing import Any

from tests.exported_files import csv_rows, xlsx_rows

from .conftest import Caller, MakeCaller
from .events import Feed, signal
from .introducing import act, asked, candidate, ended
from .samples import accepted, record, register
from .test_pathways import MILLING, SAFETY, refreshed


async def both(caller: Caller, name: str) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """The rows of the CSV file and of the worksheet."""
    path = f"/v1/exports/{name}"
    return csv_rows(await caller.get(path)), xlsx_rows(await caller.get(path, format="xlsx"))


async def test_the_file_of_learners_has_ones_own_alone_with_what_they_hold(york: Caller, lima: Caller) -> None:
    ada = await register(york)
    await record(york, ada, credential=MILLING, issued_on="2026-01-01")
    await record(york, ada, credential=SAFETY, status="in_progress", issued_on=None, expires_on=None, expected_on="2027-01-01")
    await register(lima)
    shown = (await york.get(f"/v1/learners/{ada}")).json()
    rows, [sheet] = await both(york, "learners")
    assert [(row["learner_id"], row["name"], row["credentials"]) for row in rows] == [(ada, shown["person"]["name"], MILLING)]
    assert (rows[0]["seeking"], sheet["seeking"]) == ("true", True)
    assert int(rows[0]["reach_km"]) == sheet["reach_km"] == shown["reach_km"]


async def test_more_learners_than_a_page_are_all_in_the_file(york: Caller) -> None:
    ids = [await register(york) for _ in range(205)]
    rows, sheet = await both(york, "learners")
    assert [row["learner_id"] for row in rows] == [row["learner_id"] for row in sheet] == sorted(ids)


async def test_the_file_of_pathways_says_what_the_pathways_say(york: Caller, lima: Caller, feed: Feed) -> None:
    ada, ben = await register(york), await register(york)
    await feed.batch(refreshed(1, ada, {MILLING: 2, SAFETY: 3}), refreshed(1, ada, {MILLING: 4}, region="25420"))
    await feed.batch(refreshed(1, ben, {SAFETY: 1}))
    expected = {ada: [(MILLING, 6), (SAFETY, 3)], ben: [(SAFETY, 1)]}
    for rows in await both(york, "pathways"):
        found = [(row["learner_id"], row["credential"], int(row["unlocked"])) for row in rows]
        assert found == [(each, *step) for each in sorted(expected) for step in expected[each]]
    assert await both(lima, "pathways") == ([], [])


async def test_the_file_of_signals_shows_no_count_under_the_guard(york: Caller, feed: Feed) -> None:
    thin = {"level": "insufficient_data", "level_ahead": "insufficient_data"}
    await feed.batch(signal("ShortageRaised", 1), signal("ShortageSilenced", 1, f"credential:{SAFETY}", **thin))
    rows, sheet = await both(york, "signals")
    assert [(row["subject"], row["level"], row["demand"], row["supply"]) for row in rows] == [
        (f"credential:{MILLING}", "severe", "9000", "1"),
        (f"credential:{SAFETY}", "insufficient_data", "", ""),
    ]
    assert [(row["demand"], row["top_credentials"] or "") for row in sheet] == [(9000, MILLING), (None, "")]


async def test_the_file_of_introductions_has_those_of_ones_own_learners(york: Caller, lima: Caller, feed: Feed) -> None:
    ada = await candidate(york)
    job = {"title": "=CNC()", "employer_name": "Lakeshore", "zip": "17401", "wage_min": 2350, "wage_max": 2825}
    await feed.batch(
        asked(ada, job=job), asked(await candidate(lima), name="int_2", provider_id="prv_lima"), asked(ada, name="int_3")
    )
    accepted(await act(york, "accept"))
    await feed.batch(ended(ada, "IntroductionWithdrawn", 2, "int_3", status="withdrawn", reason="opening_closed"))
    rows, sheet = await both(york, "introductions")
    assert [(row["introduction_id"], row["learner_id"]) for row in rows] == [("int_1", ada), ("int_3", ada)]
    assert [(row["status"], row["side"], row["answered_by"]) for row in sheet] == [
        ("accepted", "learner", "provider"),
        ("withdrawn", "employer", None),
    ]
    assert (rows[0]["title"], sheet[0]["title"]) == ("'=CNC()", "=CNC()"), "no text becomes a formula"
    assert (rows[0]["place"], int(rows[0]["wage_max"]), rows[0]["answer_by"]) == ("York, PA", 2825, "2026-11-27")
    assert [row["introduction_id"] for row in (await both(lima, "introductions"))[0]] == ["int_2"]


async def test_more_introductions_than_a_page_are_all_in_the_file(york: Caller, feed: Feed) -> None:
    ada = await candidate(york)
    names = sorted(f"int_{number:03}" for number in range(205))
    await feed.batch(*(asked(ada, name=name) for name in names))
    assert [row["introduction_id"] for row in (await both(york, "introductions"))[0]] == names


async def test_files_are_for_providers_with_the_scope(caller: MakeCaller, operator: Caller) -> None:
    writer = await caller("prv_york", ["learners:write"])
    for name in ("learners", "matches", "pathways", "introductions", "signals"):
        for other in (writer, operator):
            assert (await other.get(f"/v1/exports/{name}")).status_code == 403
