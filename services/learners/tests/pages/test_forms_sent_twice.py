"""A form that is sent twice, by a double click or by a browser that tries again, acts once."""

import re

import pytest

from services.learners.tests.conftest import Caller
from services.learners.tests.samples import accepted
from tests.visiting.browser import Browser

from .test_learner_pages import PROFILE


async def once_in(browser: Browser, path: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', (await browser.open(path)).text)
    assert found is not None
    return found[1]


async def known(york: Caller) -> int:
    return len(accepted(await york.get("/v1/learners"))["items"])


async def test_the_same_form_registers_one_learner(instructor: Browser, york: Caller) -> None:
    once = await once_in(instructor, "/learners/new")
    answers = [await instructor.send("/learners/new", once=once, **PROFILE) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert answers[1].headers["cache-control"] == "no-store"
    assert await known(york) == 1


async def test_each_form_that_was_loaded_acts_for_itself(instructor: Browser, york: Caller) -> None:
    for _ in range(2):
        once = await once_in(instructor, "/learners/new")
        assert (await instructor.send("/learners/new", once=once, **PROFILE)).status_code == 303
    assert await known(york) == 2


async def test_other_content_in_the_same_form_is_another_act(instructor: Browser, york: Caller) -> None:
    """The way back in a browser shows the same form again."""
    once = await once_in(instructor, "/learners/new")
    for name in ("Ada", "Grace"):
        await instructor.send("/learners/new", once=once, **(PROFILE | {"person.name": name}))
    assert await known(york) == 2


async def test_a_form_that_was_refused_is_sent_again(instructor: Browser, york: Caller) -> None:
    once = await once_in(instructor, "/learners/new")
    for _ in range(2):
        answer = await instructor.send("/learners/new", once=once, **(PROFILE | {"zip": "00000"}))
        assert answer.status_code == 422
    assert (await instructor.send("/learners/new", once=once, **PROFILE)).status_code == 303
    assert await known(york) == 1


@pytest.mark.parametrize("once", ["", "x" * 65])
async def test_a_form_without_a_mark_of_its_own_is_taken(instructor: Browser, york: Caller, once: str) -> None:
    await instructor.open("/learners/new")
    assert (await instructor.send("/learners/new", once=once, **PROFILE)).status_code == 303
    assert await known(york) == 1
