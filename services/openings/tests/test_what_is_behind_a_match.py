"""What an employer sees behind a match: the credentials that met each group, and why a match ended, in words."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.matching import WithdrawalReason
from makersync.clock import ManualClock
from makersync.runtime.service import Context
from openings.adapters.shortlist_tables import ShortlistRow
from openings.domain.shortlist import RECENT
from openings.domain.shortlist_reasons import GATES, REASONS, in_words
from openings.entrypoints.sweeps import forgetting_sweep
from tests.exported_files import csv_rows

from .conftest import NOW, Caller
from .events import Feed, Match
from .test_shortlists import shortlist

pytestmark = pytest.mark.usefixtures("catalog")

OUTCOMES = [
    {"id": "cnc", "met": True, "evidence": "verified", "awards": ["awd_1", "awd_2"]},
    {"id": "cpt", "met": False},
]
AWARDS = [
    {"award_id": "awd_1", "credential": "nims.cnc-operator", "expires_on": "2026-12-06"},
    {"award_id": "awd_2", "credential": "unread:credential"},
]
HELD = [
    {"award_id": "awd_1", "credential": "nims.cnc-operator", "name": "NIMS.CNC-OPERATOR", "expires_on": "2026-12-06"},
    {"award_id": "awd_2", "credential": "unread:credential", "name": None, "expires_on": None},
]


async def former(acme: Caller, opening_id: str) -> dict[str, Any]:
    [shown] = (await shortlist(acme, opening_id, include="withdrawn"))["withdrawn"]
    found: dict[str, Any] = shown
    return found


async def test_each_group_names_the_credentials_that_meet_it_and_when_they_end(
    acme: Caller, feed: Feed, opening_id: str
) -> None:
    await feed.matches(Match(opening_id, "lrn_1").proposed(1, groups=OUTCOMES, awards=AWARDS))
    [candidate] = (await shortlist(acme, opening_id))["candidates"]
    cnc, cpt = candidate["explanation"]["groups"]
    assert (cnc["held"], cpt["held"]) == (HELD, [])
    [row] = csv_rows(await acme.get("/v1/exports/shortlists"))
    assert row["credentials"] == "nims.cnc-operator, unread:credential"


async def test_a_match_from_before_awards_were_stated_has_none(acme: Caller, feed: Feed, opening_id: str) -> None:
    """Guards: an older matching service is read, and what it does not say is shown as unknown."""
    await feed.matches(Match(opening_id, "lrn_1").proposed(1, groups=OUTCOMES))
    [candidate] = (await shortlist(acme, opening_id))["candidates"]
    assert [group["held"] for group in candidate["explanation"]["groups"]] == [None, None]


async def test_a_lapsed_credential_is_named_with_its_group(acme: Caller, feed: Feed, opening_id: str) -> None:
    match = Match(opening_id, "lrn_1")
    await feed.matches(
        match.proposed(1, groups=OUTCOMES, awards=AWARDS), match.withdrawn(2, "credential_lapsed", unmet=["cnc"])
    )
    shown = await former(acme, opening_id)
    assert (shown["why"], shown["gate"]) == (REASONS["credential_lapsed"], None)
    assert shown["unmet"] == [{"id": "cnc", "held": HELD}]
    [row] = csv_rows(await acme.get("/v1/exports/withdrawals"))
    assert (row["reason"], row["why"], row["groups_unmet"]) == ("credential_lapsed", REASONS["credential_lapsed"], "cnc")


async def test_the_gate_behind_an_end_is_named(acme: Caller, feed: Feed, opening_id: str) -> None:
    match = Match(opening_id, "lrn_1")
    await feed.matches(match.proposed(1), match.withdrawn(2, "learner_unavailable", gate="out_of_reach"))
    shown = await former(acme, opening_id)
    assert (shown["gate"], shown["unmet"]) == ("out_of_reach", [])
    assert shown["why"] == f"{REASONS['learner_unavailable']} {GATES['out_of_reach']}"


async def test_a_match_that_comes_back_has_nothing_behind_its_end(acme: Caller, feed: Feed, opening_id: str) -> None:
    match = Match(opening_id, "lrn_1")
    await feed.matches(match.proposed(1), match.withdrawn(2, "learner_unavailable", gate="not_seeking"))
    await feed.matches(match.proposed(3), match.withdrawn(4, "outranked"))
    shown = await former(acme, opening_id)
    assert (shown["reason"], shown["gate"], shown["unmet"]) == ("outranked", None, [])


async def test_candidates_and_former_ones_name_their_provider(acme: Caller, feed: Feed, opening_id: str) -> None:
    """Guards: an employer asks the provider for a candidate, and an id does not say whom to ask."""
    gone = Match(opening_id, "lrn_2")
    await feed.matches(Match(opening_id, "lrn_1").proposed(1), gone.proposed(1), gone.withdrawn(2, "outranked"))

    async def shown() -> list[str | None]:
        answer = await shortlist(acme, opening_id, include="withdrawn")
        return [each["provider_name"] for each in (*answer["candidates"], *answer["withdrawn"])]

    assert await shown() == [None, None]
    await feed.providers(("prv_york", 2, "York Technical"), ("prv_york", 1, "Earlier"), ("prv_other", 1, "Other"))
    await feed.providers(("prv_york", 1, "Earlier"))
    assert await shown() == ["York Technical", "York Technical"]
    for name in ("shortlists", "withdrawals"):
        [row] = csv_rows(await acme.get(f"/v1/exports/{name}"))
        assert row["provider"] == "York Technical"


@pytest.mark.parametrize("reason", ["erased", "consent_withdrawn", None])
async def test_what_is_behind_a_match_is_forgotten_with_the_learner(
    acme: Caller, feed: Feed, opening_id: str, context: Context, clock: ManualClock, reason: str | None
) -> None:
    """Guards: which credentials somebody had would stay with the employer after an erasure, or for longer than seven days."""
    match = Match(opening_id, "lrn_1")
    await feed.matches(match.proposed(1, groups=OUTCOMES, awards=AWARDS))
    await feed.matches(match.withdrawn(2, reason or "credential_lapsed", gate="no_consent", unmet=["cnc"]))
    if reason is None:
        clock.move_to(NOW + RECENT + timedelta(minutes=1))
        await forgetting_sweep(context.store, context.clock, 30)()
    async with context.store.reading() as session:
        row = await session.get(ShortlistRow, (opening_id, "lrn_1"))
    assert row is not None
    assert (row.awards, row.gate, row.unmet, row.outcomes) == (None, None, None, None)


def test_every_reason_has_words_and_an_unknown_one_is_named() -> None:
    assert set(WithdrawalReason.__args__) == set(REASONS)
    assert in_words("invented", "also_invented") == (
        "The match ended for the reason `invented`. The gate `also_invented` fails."
    )
