"""Learners are found by how their names, e-mail addresses and student numbers begin."""

import pytest

from learners.domain.learner_person import Person, search_terms, sought_terms

from .conftest import Caller
from .samples import accepted, erase, register


async def found(caller: Caller, words: str) -> list[str]:
    items = accepted(await caller.get("/v1/learners", q=words))["items"]
    return [each["person"]["name"] for each in items]


@pytest.fixture
async def people(york: Caller) -> dict[str, str]:
    """The ids of some learners by their names."""
    persons = [
        {"name": "José Núñez", "email": "jn@college.example", "student_number": "A-0042 17"},
        {"name": "Mary-Ann O’Neil", "email": "ann.oneil@example.org"},
        {"name": "王小明", "student_number": "A-0099"},
        {"name": "ليلى حداد"},
        {"name": "100% _x_"},
    ]
    return {str(each["name"]): await register(york, person=each) for each in persons}


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("jose", ["José Núñez"]),
        ("NUÑ", ["José Núñez"]),
        ("núñez jos", ["José Núñez"]),
        ("jose oneil", []),
        ("ose", []),
        ("mary-ann", ["Mary-Ann O’Neil"]),
        ("ann", ["Mary-Ann O’Neil"]),
        ("O'Neil", ["Mary-Ann O’Neil"]),
        ("Ann.ONeil@example.org", ["Mary-Ann O’Neil"]),
        ("王", ["王小明"]),
        ("حداد", ["ليلى حداد"]),
        ("a00", ["José Núñez", "王小明"]),
        ("A-0042", ["José Núñez"]),
        ("%", []),
        ("_", []),
        ("100%", ["100% _x_"]),
    ],
)
async def test_they_are_found_by_every_word(york: Caller, words: str, names: list[str]) -> None:
    assert await found(york, words) == names


@pytest.mark.usefixtures("people")
async def test_learners_of_others_are_not_found(lima: Caller) -> None:
    assert await found(lima, "jose") == []


async def test_whoever_is_renamed_or_erased_is_not_found_as_before(york: Caller, people: dict[str, str]) -> None:
    learner_id = people["José Núñez"]
    version = accepted(await york.get(f"/v1/learners/{learner_id}"))["version"]
    accepted(await york.change("PATCH", f"/v1/learners/{learner_id}", version, {"person": {"name": "Pepe Gil"}}))
    assert (await found(york, "jose"), await found(york, "A-0042"), await found(york, "gil")) == ([], [], ["Pepe Gil"])
    await erase(york, learner_id)
    assert await found(york, "gil") == []


async def test_many_learners_with_one_name_are_found_page_by_page(york: Caller) -> None:
    for _ in range(60):
        await register(york, person={"name": "Jo Smith"})
    first = accepted(await york.get("/v1/learners", q="smith", limit=50))
    rest = accepted(await york.get("/v1/learners", q="smith", limit=50, cursor=first["next_cursor"]))
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (50, 10, None)


def test_a_name_of_signs_alone_is_still_found() -> None:
    assert search_terms(Person("*")) == {"*"}


def test_of_many_words_the_longest_are_looked_for() -> None:
    """Each word is a search of its own, and whoever types a sentence must not keep the database busy."""
    assert sought_terms("a bb ccc dddd eeeee ffffff ggggggg A") == ("ggggggg", "ffffff", "eeeee", "dddd", "ccc", "bb")
