"""A filter of the activity finds what it looks for by an index, however much else was done in the organisation."""

import pytest
from sqlalchemy import insert, text

from makersync.http.wiring import Wiring
from makersync.store.tables import ActivityRow
from tests.visiting.browser import Browser
from tests.visiting.plans import recorded

from .conftest import joined

pytestmark = pytest.mark.usefixtures("acme")


@pytest.mark.parametrize("asked", ["actor=key:rare", "action=never_done"])
async def test_what_is_chosen_by_a_link_stays_chosen(wiring: Wiring, browser: Browser, asked: str) -> None:
    """Guards: the list was of one key, the form said anybody, and its button showed everybody's."""
    admin = await joined(wiring, browser, role="admin")
    page = (await admin.open(f"/activity?{asked}")).text
    assert f'<option value="{asked.partition("=")[2]}" selected>' in page


@pytest.mark.parametrize(
    ("asked", "index"),
    [("action=key_revoked", "activity_action"), ("actor=key:rare", "activity_actor"), ("subject=opn_rare", "activity_subject")],
)
async def test_what_is_rare_is_found_by_an_index(wiring: Wiring, browser: Browser, asked: str, index: str) -> None:
    """Guards: whoever looks for what was never done would have everything read, from the newest act to the oldest."""
    admin = await joined(wiring, browser, role="admin")
    often = {"organisation_id": "emp_acme", "at": wiring.clock.now(), "actor": "key:a", "action": "done", "subject": "opn"}
    async with wiring.store.transaction() as session:
        await session.exec(insert(ActivityRow), params=[often | {"detail": {}} for _ in range(2000)])
        await session.exec(text("ANALYZE"))  # type: ignore[call-overload]
    with recorded(wiring.store) as queries:
        assert (await admin.open(f"/activity?{asked}")).status_code == 200
    [listed] = [each for each in queries if "LIMIT" in each.statement and "activity.detail" in each.statement]
    how = "EXPLAIN QUERY PLAN" if wiring.store.is_sqlite else "EXPLAIN"
    async with wiring.store.connection() as connection:
        plan = (await connection.exec_driver_sql(f"{how} {listed.statement}", listed.parameters)).all()
    assert index in str(plan)
