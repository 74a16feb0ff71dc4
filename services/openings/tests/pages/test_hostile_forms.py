"""What nobody types: forms that would keep the process busy, or that no number or text of theirs can be read from."""

import pytest

from services.openings.tests.conftest import Caller, publish
from tests.visiting.browser import Browser

from .typing_recruiter import NEW, Typing, complete

pytestmark = pytest.mark.usefixtures("catalog")
#: As many marks as a body holds. To put them in order takes the square of their number, which is minutes.
MARKS = "a" + "\u0301" * 20_000 + "\u0327" * 20_000


@pytest.mark.parametrize("path", ["/join/nothing", "/sign-in", "/recover"])
async def test_no_stranger_keeps_the_process_busy_with_a_text(browser: Browser, path: str) -> None:
    await browser.open(path)
    fields = dict.fromkeys(("name", "address", "password", "repeated"), MARKS)
    assert 200 <= (await browser.send(path, **fields)).status_code < 500


async def test_no_list_of_a_body_is_brought_into_one_form_for_minutes(acme: Caller) -> None:
    answer = await acme.post("/v1/webhooks", {"url": "https://ats.example.org/hooks", "types": [MARKS]})
    assert (answer.status_code, answer.json().get("errors", [{}])[0].get("rule")) == (422, "too_many_marks"), answer.text


async def test_a_requirement_of_any_length_is_refused_at_once(recruiter: Browser) -> None:
    typing = await Typing(recruiter).open(NEW)
    await complete(typing)
    answer = await typing.press(NEW, groups__0__id="group-1", groups__0__any_of__0__credential="a" * 150_000 + "!")
    assert answer.status_code == 422


@pytest.mark.parametrize("name", ["groups.0.find", f"groups.{'9' * 5000}.find", "groups.-1.find", "groups.²"])
async def test_a_search_from_a_field_that_is_not_there_finds_something(recruiter: Browser, name: str) -> None:
    await recruiter.open(NEW)
    fields = {"form_token": recruiter.form_token, name: MARKS}
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = await recruiter.http.post("/openings/found", params={"name": name}, data=fields, headers=headers)
    assert answer.status_code == 200


async def test_a_hidden_field_that_is_nested_without_end_is_taken_as_empty(recruiter: Browser, acme: Caller) -> None:
    edit = (await publish(acme)).removeprefix("/v1") + "/edit"
    typing = await Typing(recruiter).open(edit)
    answer = await typing.press(edit, version="0", before="[" * 20_000)
    assert answer.status_code == 412 and "CNC" in answer.text
