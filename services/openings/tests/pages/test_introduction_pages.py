"""From candidate to hire on pages: asked for, accepted, hired, and taken back."""

import re

import httpx
import pytest

from makersync.http.wiring import Wiring
from services.openings.tests.conftest import Caller
from services.openings.tests.events import Feed, Match
from services.openings.tests.introductions.scenes import CONTACT, Scene
from tests.visiting.browser import Browser

from .conftest import joined

pytestmark = pytest.mark.usefixtures("catalog")


@pytest.fixture
async def scene(acme: Caller, feed: Feed, opening_id: str) -> Scene:
    scene = Scene(acme, feed, opening_id)
    await scene.propose("lrn_1")
    return scene


def form_of(scene: Scene, learner_id: str = "lrn_1") -> str:
    return f"/openings/{scene.opening_id}/candidates/{learner_id}/introduction"


async def asked(recruiter: Browser, scene: Scene) -> str:
    """The path of the introduction that the recruiter asks for."""
    await recruiter.open(form_of(scene))
    answer = await recruiter.send(form_of(scene), contact=CONTACT, message="Come and see our mill.", answer_by="")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def act(recruiter: Browser, path: str, step: str, **fields: str) -> httpx.Response:
    """Send a form of the page as it is now."""
    page = await recruiter.open(path)
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version is not None, "the page has no form"
    return await recruiter.send(f"{path}/{step}", version=version[1], **fields)


async def test_a_candidate_is_asked_for_accepted_hired_and_taken_back(recruiter: Browser, scene: Scene, feed: Feed) -> None:
    shortlist = (await recruiter.open(f"/openings/{scene.opening_id}")).text
    assert form_of(scene) in shortlist and "Ask to meet" in shortlist
    path = await asked(recruiter, scene)
    page = (await recruiter.open(path)).text
    assert all(said in page for said in ("asked", "Come and see our mill.", CONTACT, "Withdraw")) and "Hired" not in page
    assert "Ask to meet" not in (await recruiter.open(f"/openings/{scene.opening_id}")).text
    await feed.answers((await scene.answer(path.rpartition("/")[2])).accepted())
    assert (await act(recruiter, path, "hire", hired_on="")).status_code == 303
    assert (await scene.opening())["filled"] == 1
    assert (await act(recruiter, path, "undo-hire")).status_code == 303
    assert (await scene.opening())["filled"] == 0
    assert (await act(recruiter, path, "not-hired", reason="no_show")).status_code == 303
    assert "no show" in (await recruiter.open(path)).text


async def test_what_was_typed_stays_when_it_is_refused(recruiter: Browser, scene: Scene) -> None:
    await recruiter.open(form_of(scene))
    answer = await recruiter.send(form_of(scene), contact="", message="See <our> mill", answer_by="2020-01-01")
    assert answer.status_code == 422 and "See &lt;our&gt; mill" in answer.text and "2020-01-01" in answer.text
    assert 'aria-describedby="contact-error"' in answer.text
    assert (await recruiter.open("/introductions")).text.count("lrn_1") == 0


async def test_whoever_has_left_the_shortlist_is_not_asked_for(recruiter: Browser, scene: Scene) -> None:
    await recruiter.open(form_of(scene, "lrn_unknown"))
    assert "no longer on the shortlist" in (await recruiter.open(form_of(scene, "lrn_unknown"))).text
    await recruiter.open("/openings")
    answer = await recruiter.send(form_of(scene, "lrn_unknown"), contact=CONTACT)
    assert answer.status_code == 409 and "no longer on the shortlist" in answer.text


async def test_whoever_was_a_candidate_is_not_offered(recruiter: Browser, scene: Scene, feed: Feed) -> None:
    await feed.matches(Match(scene.opening_id, "lrn_1").withdrawn(2, "credential_lapsed"))
    page = (await recruiter.open(form_of(scene))).text
    assert "no longer on the shortlist" in page and "<textarea" not in page and 'name="contact"' not in page


async def test_whoever_was_asked_in_vain_can_be_asked_again_and_after_a_no_not(
    recruiter: Browser, scene: Scene, feed: Feed
) -> None:
    path = await asked(recruiter, scene)
    assert (await act(recruiter, path, "withdraw")).status_code == 303
    assert "Ask again" in (await recruiter.open(f"/openings/{scene.opening_id}")).text
    again = await asked(recruiter, scene)
    await feed.answers((await scene.answer(again.rpartition("/")[2])).declined())
    shortlist = (await recruiter.open(f"/openings/{scene.opening_id}")).text
    assert "declined" in shortlist and form_of(scene) not in shortlist


async def test_a_day_that_is_refused_is_marked_and_stays(recruiter: Browser, scene: Scene, feed: Feed) -> None:
    path = await asked(recruiter, scene)
    await feed.answers((await scene.answer(path.rpartition("/")[2])).accepted())
    answer = await act(recruiter, path, "hire", hired_on="2099-01-01")
    assert answer.status_code == 422 and 'id="hired_on-error"' in answer.text and "2099-01-01" in answer.text


async def test_two_tabs_do_not_undo_each_other(recruiter: Browser, scene: Scene, feed: Feed) -> None:
    path = await asked(recruiter, scene)
    before = re.search(r'name="version" value="(\d+)"', (await recruiter.open(path)).text)
    assert before is not None
    await feed.answers((await scene.answer(path.rpartition("/")[2])).accepted())
    for version in (before[1], "", "x", '1", "2'):
        answer = await recruiter.send(f"{path}/withdraw", version=version)
        assert answer.status_code == 412 and "accepted" in answer.text, "the page as it is now, with what is wrong"
    assert (await scene.shown(path.rpartition("/")[2]))["status"] == "accepted"


async def test_a_reader_sees_and_changes_nothing(wiring: Wiring, browser: Browser, acme: Caller, scene: Scene) -> None:
    reader = await joined(wiring, browser, role="reader")
    introduction_id = await scene.asked()
    page = (await reader.open(f"/introductions/{introduction_id}")).text
    assert "asked" in page and "Withdraw" not in page
    assert "Ask to meet" not in (await reader.open(f"/openings/{scene.opening_id}")).text
    assert (await reader.open(form_of(scene))).status_code == 403
    await reader.open("/openings")
    for path in (f"/introductions/{introduction_id}/withdraw", form_of(scene)):
        assert (await reader.send(path, version="1", contact=CONTACT)).status_code == 403


async def test_introductions_of_others_are_absent(
    wiring: Wiring, bolt: Caller, other_browser: Browser, scene: Scene, recruiter: Browser
) -> None:
    path = await asked(recruiter, scene)
    stranger = await joined(wiring, other_browser, address="al@bolt.example", whose="emp_bolt")
    assert "lrn_1" not in (await stranger.open("/introductions")).text
    assert (await stranger.open(path)).status_code == 404
    assert (await stranger.open(form_of(scene))).status_code == 404
    await stranger.open("/openings")
    assert (await stranger.send(f"{path}/withdraw", version="1")).status_code == 404
    assert (await scene.shown(path.rpartition("/")[2]))["status"] == "asked"


async def test_whoever_is_signed_out_while_typing_is_told_so(recruiter: Browser, scene: Scene) -> None:
    await recruiter.open(form_of(scene))
    token = recruiter.form_token
    await recruiter.send("/sign-out")
    answer = await recruiter.send_from("same-origin", form_of(scene), form_token=token, contact=CONTACT)
    assert answer.status_code == 401 and "still there" in answer.text


async def test_an_acceptance_opens_a_link_to_name_and_contact_which_is_shown_once(
    recruiter: Browser, scene: Scene, feed: Feed
) -> None:
    path = await asked(recruiter, scene)
    await recruiter.open(path)
    assert (await recruiter.send(f"{path}/contact")).status_code == 409, "nobody has accepted yet"
    introduction_id = path.rpartition("/")[2]
    await feed.answers((await scene.answer(introduction_id)).accepted())
    answer = await act(recruiter, path, "contact")
    assert answer.status_code == 200
    assert re.search(rf'href="http://127.0.0.1:8102/contacts/{introduction_id}/[\w-]{{43}}"', answer.text)
    assert "/contacts/" not in (await recruiter.open(path)).text
