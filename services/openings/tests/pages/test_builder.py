"""The pages to publish and to revise an opening, without scripts."""

import re

import pytest

from makersync.http.wiring import Wiring
from openings.entrypoints.opening_form import TypedAlternative, TypedGroup, TypedOpening, with_telling_ids
from services.openings.tests.conftest import Caller, publish
from services.openings.tests.samples import CHICAGO, YORK, group
from tests.visiting.browser import Browser

from .conftest import joined
from .typing_recruiter import NEW, Typing, complete, fields_of

pytestmark = pytest.mark.usefixtures("catalog")
FOUND = "/openings/found?name=groups.0.find"


@pytest.fixture
async def typing(recruiter: Browser) -> Typing:
    return await Typing(recruiter).open(NEW)


async def test_an_opening_is_published_from_the_form_alone(typing: Typing, acme: Caller) -> None:
    await complete(typing, wage_min="25", wage_max="31.50", shifts=["day", "night"], closes_on="2026-12-24")
    await typing.do("show", groups__0__find="milling")
    await typing.do("add:0:competency:machining.cnc-milling")
    await typing.do("group", groups__0__any_of__1__level="4")
    await typing.do("add:1:credential:mssc.cpt", groups__1__necessity="preferred", groups__1__verified_only="yes")
    answer = await typing.press(NEW)
    assert answer.status_code == 303, answer.text
    opening = (await acme.get("/v1" + answer.headers["location"].partition("?")[0])).json()
    said = ("title", "zip", "positions", "wage_min", "wage_max", "shifts", "closes_on")
    assert [opening[name] for name in said] == ["CNC machinist", YORK, 3, 2500, 3150, ["day", "night"], "2026-12-24"]
    assert [(each["necessity"], each["verified_only"], each["any_of"]) for each in opening["groups"]] == [
        ("required", False, [{"credential": "nims.cnc-operator"}, {"competency": "machining.cnc-milling", "level": 4}]),
        ("preferred", True, [{"credential": "mssc.cpt"}]),
    ]


async def test_requirements_are_called_after_what_they_ask_for(typing: Typing, acme: Caller) -> None:
    """Guards: a provider would read that a learner does not hold `group 1`."""
    await complete(typing)
    await typing.do("group")
    await typing.do("add:1:competency:machining.cnc-milling", groups__1__necessity="preferred")
    answer = await typing.press(NEW)
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"].partition("?")[0]
    ids = ["cnc-operator", "cnc-milling"]
    assert [each["id"] for each in (await acme.get("/v1" + path)).json()["groups"]] == ids
    edit = f"{path}/edit"
    await typing.open(edit)
    await typing.do("group", edit)
    await typing.do("add:2:credential:mssc.cpt", edit, groups__2__necessity="preferred")
    answer = await typing.press(edit)
    assert answer.status_code == 303, answer.text
    assert [each["id"] for each in (await acme.get("/v1" + path)).json()["groups"]] == [*ids, "cpt"]


def test_two_requirements_never_share_what_they_are_called_and_chosen_names_stay() -> None:
    asked = TypedAlternative(credential="nims:cnc-operator")
    odd = TypedGroup("group-4", any_of=(TypedAlternative(credential="no such:"),))
    groups = (TypedGroup("group-1", any_of=(asked,)), TypedGroup("mine", any_of=(asked,)), TypedGroup("group-9"), odd)
    again = (*groups, TypedGroup("group-2", any_of=(asked,)))
    ids = [each.id for each in with_telling_ids(TypedOpening(groups=again), {"group-2"}).groups]
    assert ids == ["cnc-operator", "mine", "group-9", "group-4", "group-2"]
    assert [each.id for each in with_telling_ids(TypedOpening(groups=again)).groups][-1] == "cnc-operator-2"


async def test_a_search_offers_what_the_catalog_has(typing: Typing) -> None:
    await typing.do("show", groups__0__find="nims cnc")
    assert 'value="add:0:credential:nims.cnc-operator"' in typing.page and "credential of NIMS" in typing.page
    await typing.do("show", groups__0__find="milling")
    assert 'value="add:0:competency:machining.cnc-milling"' in typing.page
    await typing.do("show", groups__0__find="zzzz")
    assert "Nothing matches all of these words" in typing.page
    await typing.do("show", occupation="machinis")
    assert 'value="occupation:51-4041"' in typing.page
    await typing.do("occupation:51-4041")
    assert "51-4041 is Machinists" in typing.page


async def test_a_search_while_typing_finds_the_same_and_never_leads_away(typing: Typing, recruiter: Browser) -> None:
    """Guards: a page that leaves for the sign-in page, with all that was typed, because a search found the session over."""
    await typing.press(FOUND, groups__0__find="nims cnc")
    assert 'value="add:0:credential:nims.cnc-operator"' in typing.page and "<html" not in typing.page
    await typing.open(NEW)
    form = typing.page
    await recruiter.open("/openings")
    await recruiter.send("/sign-out")
    typing.page = form
    answer = await typing.press(FOUND, groups__0__find="nims cnc")
    assert answer.status_code == 401 and "hx-redirect" not in answer.headers
    assert "data-sending-failed hidden" in form


async def test_the_sentence_says_what_is_asked_for(typing: Typing) -> None:
    await complete(typing)
    await typing.do("add:0:competency:machining.cnc-milling")
    await typing.do("group", groups__0__verified_only="yes")
    await typing.do("add:1:credential:mssc.cpt")
    sentence = re.search(r'<p class="sentence">(.*?)</p>', typing.page, re.DOTALL)
    assert sentence is not None
    said = " ".join(re.sub(r"<[^>]+>", "", sentence[1]).split())
    expected = "(NIMS.CNC-OPERATOR or cnc-milling at level 3 or above) with verified proof and MSSC.CPT."
    assert said == f"To qualify, a candidate must hold {expected}"


async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(typing: Typing, acme: Caller) -> None:
    await typing.do("group", title="Turner <b>", zip="123", positions="many", wage_min="much", wage_max="20")
    answer = await typing.press(NEW, start_by="2026-12-01", closes_on="2027-01-01")
    assert answer.status_code == 422
    for name in ("zip", "positions", "wage_min", "groups.0.any_of", "groups.1.any_of"):
        assert f'id="{name}-error"' in answer.text and f'href="#{name}"' in answer.text, name
    assert "must have five digits" in answer.text and "must be an amount in dollars" in answer.text
    typed = fields_of(answer.text)
    assert [typed[name] for name in ("title", "positions", "wage_min")] == [["Turner <b>"], ["many"], ["much"]]
    await complete(typing, wage_min="30", wage_max="20")
    await typing.do("remove:1", start_by="2026-12-01", closes_on="2027-01-01")
    answer = await typing.press(NEW)
    assert "must not be below the lowest pay" in answer.text and "must not be before the last day" in answer.text
    assert (await acme.get("/v1/openings")).json()["items"] == []


async def test_alternatives_and_requirements_are_removed(typing: Typing) -> None:
    await complete(typing)
    await typing.do("add:0:competency:machining.cnc-milling")
    await typing.do("remove:0:0")
    assert "NIMS.CNC-OPERATOR" not in typing.page and "cnc-milling" in typing.page
    await typing.do("remove:0")
    assert "Requirement 1" not in typing.page
    for strange in ("remove:7", "remove:0:0", "add:9:credential:x", "add:0:credential", "nonsense", "remove:x", ""):
        assert (await typing.do(strange)).status_code == 200, strange


async def test_a_warning_is_shown_once_and_keeps_nobody_from_publishing(typing: Typing) -> None:
    await complete(typing, groups__0__necessity="preferred")
    first = await typing.press(NEW)
    assert first.status_code == 200 and "no group is required" in first.text and "Publish anyway" in first.text
    assert (await typing.press(NEW)).status_code == 303


async def test_a_copy_of_an_open_opening_is_warned_of(typing: Typing, acme: Caller) -> None:
    await publish(acme)
    await complete(typing)
    answer = await typing.press(NEW)
    assert answer.status_code == 200 and "has the same title, place and requirements" in answer.text


async def test_an_opening_is_copied_as_a_new_one(typing: Typing, acme: Caller, bolt: Caller) -> None:
    path = (await publish(acme, title="Five-axis machinist", wage_min=2550)).removeprefix("/v1/openings/")
    await typing.open(f"{NEW}?copy={path}")
    typed = fields_of(typing.page)
    assert (typed["title"], typed["wage_min"], typed["groups.0.id"]) == (["Five-axis machinist"], ["25.50"], ["cnc"])
    stranger = (await publish(bolt)).removeprefix("/v1/openings/")
    assert (await typing.open(f"{NEW}?copy={stranger}")).sent.status_code == 404


async def test_an_opening_is_revised(typing: Typing, acme: Caller) -> None:
    path = await publish(acme, wage_max=3100)
    edit = f"{path.removeprefix('/v1')}/edit"
    await typing.open(edit)
    answer = await typing.press(edit, title="Night turner", wage_max="", shifts=["night"])
    assert answer.status_code == 303, answer.text
    opening = (await acme.get(path)).json()
    said = [opening[name] for name in ("title", "wage_max", "shifts", "version")]
    assert said == ["Night turner", None, ["night"], 2]
    assert (await typing.open(edit)).sent.status_code == 200
    answer = await typing.press(edit, zip=CHICAGO)
    assert answer.status_code == 422 and "copy this opening as a new one" in answer.text


async def test_of_two_tabs_nothing_is_lost_and_the_difference_is_shown(typing: Typing, acme: Caller) -> None:
    path = await publish(acme, wage_max=3100)
    edit = f"{path.removeprefix('/v1')}/edit"
    await typing.open(edit)
    await acme.change("PATCH", path, 1, {"title": "Miller", "positions": 5, "wage_max": 3300})
    answer = await typing.press(edit, title="Turner", shifts=["day"])
    assert answer.status_code == 412 and "Somebody else has changed this opening" in answer.text
    assert "<bdi>Miller</bdi>" in answer.text and "<bdi>5</bdi>" in answer.text and "$33.00 an hour" in answer.text
    typed = fields_of(answer.text)
    assert [typed[name] for name in ("title", "positions", "wage_max", "shifts")] == [["Turner"], ["5"], ["33.00"], ["day"]]
    assert (await typing.press(edit)).status_code == 303
    opening = (await acme.get(path)).json()
    assert [opening[name] for name in ("title", "positions", "wage_max", "shifts")] == ["Turner", 5, 3300, ["day"]]


async def test_forms_of_others_and_for_readers_are_refused(
    recruiter: Browser, wiring: Wiring, other_browser: Browser, acme: Caller, bolt: Caller
) -> None:
    stranger = (await publish(bolt)).removeprefix("/v1")
    await recruiter.open(NEW)
    token = recruiter.form_token
    assert (await recruiter.open(f"{stranger}/edit")).status_code == 404
    for path in (f"{stranger}/edit", f"{stranger}/edit/form", f"{stranger}/edit/preview"):
        assert (await recruiter.send_from("same-origin", path, form_token=token, version="1")).status_code == 404, path
    reader = await joined(wiring, other_browser, address="al@acme.example", role="reader")
    mine = (await publish(acme)).removeprefix("/v1")
    for path in (NEW, f"{mine}/edit"):
        assert (await reader.open(path)).status_code == 403, path
    await reader.open("/openings")
    for path in (NEW, f"{NEW}/form", f"{NEW}/preview", f"{mine}/edit", FOUND):
        assert (await reader.send(path)).status_code == 403, path


async def test_names_in_every_script_and_markup_stay_what_they_are(typing: Typing, acme: Caller) -> None:
    await complete(typing)
    title = 'عامل خراطة "<i>" 旋盤工'
    answer = await typing.press(NEW, title=title)
    assert (await acme.get("/v1" + answer.headers["location"].partition("?")[0])).json()["title"] == title


async def test_the_largest_opening_can_be_revised(typing: Typing, acme: Caller) -> None:
    known = ("machining.cnc-milling", "quality.measurement")
    levels = [{"competency": each, "level": number} for each in known for number in (1, 2, 3, 4, 5)]
    groups = [group(f"g{number}", any_of=levels[: number % 10 + 1], verified_only=number > 9) for number in range(20)]
    path = await publish(acme, groups=groups)
    edit = f"{path.removeprefix('/v1')}/edit"
    await typing.open(edit)
    assert (await typing.press(edit, title="Turner")).status_code == 303
    assert len((await acme.get(path)).json()["groups"]) == 20


async def test_whoever_signs_in_again_while_typing_loses_nothing(
    typing: Typing, recruiter: Browser, wiring: Wiring, other_browser: Browser, acme: Caller
) -> None:
    await complete(typing, wage_max="31")
    again = await joined(wiring, other_browser, address="al@acme.example")
    recruiter.http.cookies = again.http.cookies
    answer = await typing.press(NEW)
    assert answer.status_code == 403 and "from before you signed in" in answer.text
    assert (await acme.get("/v1/openings")).json()["items"] == []
    assert fields_of(answer.text)["wage_max"] == ["31"]
    assert (await typing.press(NEW)).status_code == 303
