"""What the pages of notices say is so: what is sent now, and how somebody who wants no mail could be asked."""

import pytest
from sqlmodel import update

from makersync.http.wiring import Wiring
from makersync.mail.tables import RecipientRow
from tests.visiting.browser import Browser

from .test_notices_on_pages import TOLD, added, recruiter, row_of, wiring

__all__ = ["recruiter", "wiring"]


@pytest.mark.parametrize(
    ("state", "changed", "done"),
    [
        ("unconfirmed", {"told:match.proposed": "weekly"}, "saved"),
        ("active", {"description": "Hiring desk"}, "saved"),
        ("active", {"told:match.proposed": "weekly"}, "saved-told"),
    ],
)
async def test_digests_are_said_to_be_sent_when_they_are(
    wiring: Wiring, recruiter: Browser, state: str, changed: dict[str, str], done: str
) -> None:
    path = await added(recruiter)
    await _set(wiring, state=state, confirmed_at=wiring.clock.now() if state == "active" else None)
    sent = TOLD | changed | {"version": str((await row_of(wiring, path)).version)}
    answer = await recruiter.send(path, **sent)
    assert answer.headers["location"] == f"{path}?done={done}"
    page = await recruiter.open(answer.headers["location"])
    said = "Digests of what was gathered so far are sent at once" in page.text
    assert page.status_code == 200 and said is (done == "saved-told")


async def test_whoever_declined_the_question_is_not_said_to_be_asked_anew(wiring: Wiring, recruiter: Browser) -> None:
    """Guards: adding the person anew was refused, as the same service knew."""
    path = await added(recruiter)
    await _set(wiring, state="unsubscribed", reason="unsubscribed")
    declined = (await recruiter.open(path)).text
    assert "is not asked again for a year" in declined and "add it anew" not in declined
    await _set(wiring, confirmed_at=wiring.clock.now())
    agreed_before = (await recruiter.open(path)).text
    assert "add it anew" in agreed_before and "for a year" not in agreed_before


async def _set(wiring: Wiring, **values: object) -> None:
    async with wiring.store.transaction() as session:
        await session.exec(update(RecipientRow).values(**values))
