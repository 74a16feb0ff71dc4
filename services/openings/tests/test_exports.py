"""An employer's files: what they hold, for whom, and that no cell of them runs."""

import errno
import io
import tempfile
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.exported_files import csv_rows, xlsx_rows

from .conftest import Caller, MakeCaller, publish
from .events import Feed, Match

pytestmark = pytest.mark.usefixtures("catalog")


async def both(caller: Caller, name: str) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """The rows of the CSV file and of the worksheet."""
    path = f"/v1/exports/{name}"
    return csv_rows(await caller.get(path)), xlsx_rows(await caller.get(path, format="xlsx"))


async def test_the_file_of_shortlists_has_every_candidate_in_order(
    acme: Caller, bolt: Caller, feed: Feed, opening_id: str
) -> None:
    other = (await publish(bolt)).rpartition("/")[2]
    second = (await publish(acme, title="Turner")).rpartition("/")[2]
    await feed.matches(
        Match(opening_id, "lrn_1").proposed(1, score=7000),
        Match(opening_id, "lrn_2").proposed(1, score=9000),
        Match(second, "lrn_1").proposed(1, score=5000),
        Match(other, "lrn_1", {"employer_id": "emp_bolt"}).proposed(1),
    )
    expected = [(opening_id, 1, "lrn_2", 9000), (opening_id, 2, "lrn_1", 7000), (second, 1, "lrn_1", 5000)]
    rows, sheet = await both(acme, "shortlists")
    assert [(r["opening_id"], int(r["rank"]), r["learner_id"], int(r["score"])) for r in rows] == sorted(expected)
    assert (rows[0]["evidence"], rows[0]["preferred"], rows[0]["groups_met"]) == ("10000", "", "cnc")
    assert [(r["opening_id"], r["rank"], r["learner_id"], r["score"]) for r in sheet] == sorted(expected)
    assert f"{sheet[0]['seeking_since']:%Y-%m-%d}" == rows[0]["seeking_since"] == "2026-10-01"


async def test_the_file_of_withdrawals_names_the_reasons(acme: Caller, feed: Feed, opening_id: str) -> None:
    pair = Match(opening_id, "lrn_1")
    await feed.matches(pair.proposed(1), pair.withdrawn(2, "outranked"), Match(opening_id, "lrn_2").proposed(1))
    for rows in await both(acme, "withdrawals"):
        assert [(row["learner_id"], row["reason"], int(row["score"])) for row in rows] == [("lrn_1", "outranked", 8000)]


@pytest.mark.parametrize("title", ['=HYPERLINK("https://example.org","Turner")', "+1", "-2+3", "@SUM(A1)", "\uff1dSUM(A1)"])
async def test_no_text_becomes_a_formula(acme: Caller, feed: Feed, title: str) -> None:
    opening_id = (await publish(acme, title=title)).rpartition("/")[2]
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    assert [row["title"] for row in (await both(acme, "shortlists"))[0]] == [f"'{title}"]
    answer = await acme.get("/v1/exports/shortlists", format="xlsx")
    [sheet] = load_workbook(io.BytesIO(answer.content)).worksheets
    assert (sheet["B2"].value, sheet["B2"].data_type) == (title, "s")


async def test_text_with_quotes_commas_and_other_scripts_comes_through(acme: Caller, feed: Feed) -> None:
    title = 'Dreher, "CNC" (m/w/d) \u0159\u00edze\u0148'
    opening_id = (await publish(acme, title=title)).rpartition("/")[2]
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    for rows in await both(acme, "shortlists"):
        assert [row["title"] for row in rows] == [title]


async def test_an_employer_without_candidates_gets_the_headings_alone(acme: Caller) -> None:
    assert await both(acme, "shortlists") == ([], [])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_full_disk_is_a_passing_fault(
    acme: Caller, feed: Feed, opening_id: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, _content: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", lambda max_size: Full())
    answer = await acme.get("/v1/exports/shortlists", format=kind)
    assert (answer.status_code, answer.json()["rule"]) == (503, "part_away")


async def test_files_are_for_employers_with_the_scope(caller: MakeCaller, operator: Caller) -> None:
    writer = await caller("emp_acme", ["openings:write"])
    for name in ("shortlists", "withdrawals", "introductions"):
        for other in (writer, operator):
            assert (await other.get(f"/v1/exports/{name}")).status_code == 403
    reader = await caller("emp_acme", ["openings:read"])
    refused = await reader.get("/v1/exports/shortlists", format="pdf")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "format")
