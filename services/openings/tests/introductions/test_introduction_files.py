"""An employer's file of introductions: what it holds, for whom, and that it says nothing personal."""

from typing import Any

from services.openings.tests.conftest import Caller, publish
from tests.exported_files import csv_rows, xlsx_rows

from .scenes import CONTACT, Scene

PATH = "/v1/exports/introductions"


async def both(caller: Caller) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """The rows of the CSV file and of the worksheet."""
    return csv_rows(await caller.get(PATH)), xlsx_rows(await caller.get(PATH, format="xlsx"))


async def test_the_file_says_where_each_introduction_stands(scene: Scene) -> None:
    first, second = await scene.asked("lrn_1"), await scene.hired("lrn_2")
    shown = await scene.shown(second)
    rows, sheet = await both(scene.employer)
    assert [(row["introduction_id"], row["learner_id"], row["status"]) for row in rows] == [
        (second, "lrn_2", "hired"),
        (first, "lrn_1", "asked"),
    ]
    assert (rows[0]["hired_on"], rows[0]["provider"]) == (shown["hired_on"], shown["provider_name"])
    assert [(row["side"], row["answered_at"] is None) for row in sheet] == [("employer", False), (None, True)]


async def test_the_file_has_nothing_that_was_written_to_a_learner(scene: Scene) -> None:
    """Guards: names and contacts, which are for the page of contacts alone and are forgotten there."""
    await scene.propose("lrn_1")
    await scene.ask("lrn_1", message="Dear Ada Lovelace")
    answer = await scene.employer.get(PATH)
    assert "Lovelace" not in answer.text and CONTACT not in answer.text
    assert {"message", "contact", "name", "email", "phone"}.isdisjoint(csv_rows(answer)[0])


async def test_another_employer_has_a_file_of_its_own(scene: Scene, bolt: Caller) -> None:
    await scene.asked()
    assert await both(bolt) == ([], [])


async def test_a_title_becomes_no_formula(scene: Scene) -> None:
    scene.opening_id = (await publish(scene.employer, title="=SUM(A1)")).rpartition("/")[2]
    await scene.asked()
    rows, sheet = await both(scene.employer)
    assert (rows[0]["title"], sheet[0]["title"]) == ("'=SUM(A1)", "=SUM(A1)")
