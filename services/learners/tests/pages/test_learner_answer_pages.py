"""What a learner reads and answers in a browser, in English and Spanish, and the contact that the employer is shown."""

import re

import pytest

from learners.application import linking
from makersync.store.failures import DatabaseAway
from services.learners.tests.conftest import Caller
from services.learners.tests.events import Feed
from services.learners.tests.introducing import TOKEN, act, asked, candidate, granted, introduction
from services.learners.tests.samples import accepted, record
from tests.visiting.browser import Browser

ENGLISH, SPANISH = "An employer would like to meet you", "Una empresa quiere conocerle"


@pytest.fixture
async def learner_id(york: Caller, feed: Feed) -> str:
    learner_id = await candidate(york)
    award_id = await record(york, learner_id)
    await feed.batch(asked(learner_id, outcomes=[{"id": "milling", "met": True, "evidence": "verified", "awards": [award_id]}]))
    return learner_id


@pytest.fixture
async def link(york: Caller, learner_id: str) -> str:
    """Its path, as a learner without a session and a key opens it."""
    return str(accepted(await act(york, "learner-link"))["page"]).removeprefix("http://127.0.0.1:8102")


async def test_a_learner_reads_the_job_in_plain_words_and_says_yes(browser: Browser, link: str, york: Caller) -> None:
    page = await browser.open(link)
    for said in (ENGLISH, "CNC machinist", "York, PA", "$23.50 to $28.25 an hour", "CNC Milling: Operations", "prv_york"):
        assert said in page.text
    assert "Ada" not in page.text and page.headers["content-language"] == "en" and '<html lang="en">' in page.text
    answer = await browser.send(link, answer="accept")
    assert answer.status_code == 200 and "You said yes" in answer.text
    assert (await introduction(york))["answered_by"] == "learner"
    again = await browser.open(link)
    assert again.status_code == 410 and "already been used" in again.text


async def test_everything_is_in_spanish_for_whoever_prefers_it(browser: Browser, link: str, york: Caller) -> None:
    page = await browser.open(link, **{"Accept-Language": "de, es-MX;q=0.9, en;q=0.5"})
    assert '<html lang="es">' in page.text and SPANISH in page.text and "De $23.50 a $28.25 por hora" in page.text
    assert "27 de noviembre de 2026" in page.text and ENGLISH not in page.text and 'hreflang="en"' in page.text
    refused = await browser.send(f"{link}?lang=es", answer="decline", reason="")
    assert refused.status_code == 422 and "elija un motivo" in refused.text
    declined = await browser.send(f"{link}?lang=es", answer="decline", reason="place")
    assert "Usted respondió que no" in declined.text
    assert (await introduction(york))["reason"] == "place"


@pytest.mark.parametrize(
    ("choice", "preferred", "shown"),
    [
        ("", "", ENGLISH),
        ("", "fr, zh", ENGLISH),
        ("", "en;q=0.2, es;q=0.8", SPANISH),
        ("", "es;q=0", ENGLISH),
        ("", "es;q=x, ;;;,=" + "x" * 5000, SPANISH),
        ("?lang=es", "en", SPANISH),
        ("?lang=en", "es", ENGLISH),
        ("?lang=xx", "es", SPANISH),
    ],
)
async def test_the_choice_comes_before_what_the_browser_prefers(
    browser: Browser, link: str, choice: str, preferred: str, shown: str
) -> None:
    assert shown in (await browser.open(link + choice, **{"Accept-Language": preferred})).text


async def test_an_unknown_link_says_what_to_do_in_the_reader_s_language(browser: Browser, link: str) -> None:
    for path, said in (("/answers/x", "opened the whole link"), (f"{link[:-1]}?lang=es", "enlace completo")):
        answer = await browser.open(path)
        assert answer.status_code == 404 and said in answer.text
        assert (await browser.send(path, answer="accept")).status_code == 404


async def test_forms_from_elsewhere_answer_nothing(browser: Browser, link: str, york: Caller) -> None:
    for path, said in ((link, "was not recorded"), (f"{link}?lang=es", "No se registró su respuesta")):
        answer = await browser.send_from("cross-site", path, answer="accept")
        assert answer.status_code == 403 and said in answer.text
    assert (await introduction(york))["status"] == "asked"


@pytest.mark.parametrize(
    ("wages", "english", "spanish"),
    [
        ({"wage_min": 2550}, "from $25.50 an hour", "Desde $25.50 por hora"),
        ({"wage_max": 2550}, "up to $25.50 an hour", "Hasta $25.50 por hora"),
        ({"wage_min": 2550, "wage_max": 2550}, "$25.50 an hour", "$25.50 por hora"),
        ({}, "Not stated", "No se indica"),
    ],
)
async def test_a_learner_reads_which_end_of_the_pay_is_said(
    browser: Browser, york: Caller, feed: Feed, wages: dict[str, int], english: str, spanish: str
) -> None:
    """Guards: the most that is offered, shown as what everybody gets."""
    job = {"title": "CNC machinist", "employer_name": "Lakeshore Precision", "zip": "17401"} | wages
    await feed.batch(asked(await candidate(york), job=job))
    link = str(accepted(await act(york, "learner-link"))["page"]).removeprefix("http://127.0.0.1:8102")
    for path, said in ((link, english), (f"{link}?lang=es", spanish)):
        assert f"<dd>{said}</dd>" in re.sub(r"\s*(</?dd>)\s*", r"\1", (await browser.open(path)).text)


async def test_a_database_that_is_away_is_said_in_the_reader_s_language(
    browser: Browser, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: a learner who is told the trouble of members, in English."""

    async def away(*_: object) -> None:
        raise DatabaseAway("no database answers")

    monkeypatch.setattr(linking, "read_by_link", away)
    monkeypatch.setattr(linking, "answer_by_link", away)
    for path, said in ((link, "not available right now"), (f"{link}?lang=es", "no está disponible en este momento")):
        for answer in (await browser.open(path), await browser.send(path, answer="accept")):
            assert answer.status_code == 503 and said in answer.text and 'hreflang="en"' in answer.text


async def test_whatever_an_employer_writes_is_text(browser: Browser, york: Caller, feed: Feed) -> None:
    await feed.batch(asked(await candidate(york), message="<script>alert(1)</script>", contact="<b>%(x)s {{ 7 }}"))
    link = str(accepted(await act(york, "learner-link"))["page"]).removeprefix("http://127.0.0.1:8102")
    for path in (link, f"{link}?lang=es"):
        page = (await browser.open(path)).text
        assert "<script>alert" not in page and "&lt;b&gt;%(x)s {{ 7 }}" in page
    assert "&lt;b&gt;%(x)s {{ 7 }}" in (await browser.send(f"{link}?lang=es", answer="accept")).text


async def test_the_employer_is_shown_the_contact_by_a_button_and_each_time_is_recorded(
    browser: Browser, york: Caller, feed: Feed, learner_id: str
) -> None:
    await act(york, "accept")
    await feed.batch(granted(learner_id, 2))
    path = f"/contacts/int_1/{TOKEN}"
    assert "Ada Byron" not in (await browser.open(path)).text
    assert accepted(await york.get("/v1/introductions/int_1/readings"))["items"] == []
    shown = await browser.send(path)
    assert shown.status_code == 200 and "Ada Byron" in shown.text and "ada@example.org" in shown.text
    assert [each["times"] for each in accepted(await york.get("/v1/introductions/int_1/readings"))["items"]] == [1]
    for wrong in (f"/contacts/int_1/{TOKEN}x", f"/contacts/int_2/{TOKEN}"):
        answer = await browser.send(wrong)
        assert answer.status_code == 404 and "Ada" not in answer.text
        assert "press the button again" in answer.text and "Show name and contact" in answer.text
    assert (await browser.send_from("cross-site", path)).status_code == 403
    assert not re.search("Ada", (await browser.open(path)).text)
