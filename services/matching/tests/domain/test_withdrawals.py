"""Section 10: what happens to a match, and the first reason that ends it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from examples import DAY, MILLING, PRINTS, TOMORROW, WELDING, award, catalog, definition, group, learner, opening, region
from msgspec import structs

from contracts.vocabulary import AwardStatus, OpeningStatus
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import MarketOpening
from matching.domain.region.live_market import RegionMarket, WrongRegion
from matching.domain.region.state import Ending
from matching.domain.rules.matches import NO_BASIS, NO_FACTS, MatchChange, MatchKind, WithdrawalReason
from reference.places import Places

JOB = opening(group(WELDING))
ANN = learner(award(WELDING))


@pytest.fixture
def market(places: Places) -> RegionMarket:
    """One opening, one learner, one match."""
    market = region(places)
    market.put_opening(JOB)
    market.put_learner(ANN)
    (proposed,) = market.settle().matches
    assert (proposed.kind, proposed.record.version) == (MatchKind.PROPOSED, 1)
    return market


def changes(market: RegionMarket) -> list[MatchChange]:
    return list(market.settle().matches)


def reason_after(market: RegionMarket) -> WithdrawalReason | None:
    (change,) = changes(market)
    assert (change.kind, change.record.version, change.record.live) == (MatchKind.WITHDRAWN, 2, False)
    assert market.matches() == ()
    return change.reason


def put(market: RegionMarket, **fields: object) -> None:
    """A newer learner."""
    assert market.put_learner(structs.replace(ANN, version=2, **fields))  # type: ignore[arg-type]


def repost(market: RegionMarket, **fields: object) -> None:
    """A newer opening."""
    assert market.put_opening(replace(JOB, version=2, **fields))  # type: ignore[arg-type]


def erase(market: RegionMarket) -> None:
    assert market.remove_learner("ann", 3, Ending.ERASED)


def lapse(market: RegionMarket) -> None:
    put(market, awards=(award(WELDING, status=AwardStatus.REVOKED),))


def forget_welding(market: RegionMarket) -> None:
    assert market.set_catalog(catalog(definition(MILLING)))


REASONS: list[tuple[str, list[Callable[[RegionMarket], None]]]] = [
    ("erased", [erase]),
    ("erased", [lambda market: put(market, consents_to_matching=False), erase]),
    ("erased", [lambda market: repost(market, status=OpeningStatus.CLOSED), erase]),
    ("consent_withdrawn", [lambda market: put(market, consents_to_matching=False)]),
    ("consent_withdrawn", [lambda market: put(market, consents_to_matching=False, seeking=False)]),
    (
        "consent_withdrawn",
        [lambda market: put(market, consents_to_matching=False), lambda m: repost(m, status=OpeningStatus.CLOSED)],
    ),
    ("opening_closed", [lambda market: repost(market, status=OpeningStatus.CLOSED)]),
    ("opening_closed", [lambda market: repost(market, status=OpeningStatus.FILLED)]),
    ("opening_closed", [lambda market: repost(market, filled=1)]),
    ("opening_closed", [lambda market: repost(market, filled=1, closes_on=DAY - timedelta(days=1))]),
    ("opening_closed", [lambda market: market.remove_opening("job", 2) and None]),
    ("opening_closed", [lambda market: repost(market, status=OpeningStatus.CLOSED), lapse]),
    ("opening_expired", [lambda market: repost(market, closes_on=DAY - timedelta(days=1))]),
    ("opening_expired", [lambda market: repost(market, closes_on=DAY - timedelta(days=1)), lapse]),
    ("learner_unavailable", [lambda market: put(market, seeking=False)]),
    ("learner_unavailable", [lambda market: put(market, zip="99501")]),
    ("learner_unavailable", [lambda market: market.remove_learner("ann", 2, Ending.WITHDRAWN) and None]),
    ("learner_unavailable", [lambda market: put(market, seeking=False, awards=())]),
    ("opening_changed", [lambda market: put(market, seeking=False), lambda m: repost(m, title="Fitter")]),
    ("opening_changed", [lambda market: repost(market, groups=(group(PRINTS),))]),
    ("opening_changed", [lambda market: repost(market, groups=(group(PRINTS),)), lapse]),
    ("credential_lapsed", [lapse]),
    ("credential_lapsed", [lambda market: put(market, awards=())]),
    ("credential_lapsed", [lambda market: put(market, awards=(award(WELDING, expires_on=DAY),))]),
    ("credential_lapsed", [lapse, lambda market: repost(market, title="Fitter")]),
    ("credential_lapsed", [lapse, forget_welding]),
    ("rules_changed", [forget_welding]),
    ("rules_changed", [forget_welding, lambda market: put(market, wage_floor=1)]),
]


@pytest.mark.parametrize(("reason", "events"), REASONS)
def test_a_withdrawal_names_the_first_reason_that_applies(
    market: RegionMarket, reason: str, events: list[Callable[[RegionMarket], None]]
) -> None:
    for event in events:
        event(market)
    assert reason_after(market) == reason


def test_an_opening_that_asks_for_more_than_the_learner_offers_changed(market: RegionMarket) -> None:
    put(market, wage_floor=2000)
    assert changes(market) == []
    market.put_opening(replace(JOB, version=2, wage_max=1500))
    assert reason_after(market) == "opening_changed"


def test_a_learner_who_asks_for_more_than_the_opening_offers_is_unavailable(places: Places) -> None:
    market = region(places)
    market.put_opening(replace(JOB, wage_max=1500, version=7))
    market.put_learner(ANN)
    market.settle()
    put(market, wage_floor=2000)
    assert reason_after(market) == "learner_unavailable"


def test_a_credential_that_is_no_longer_verified_lapsed_where_proof_is_asked(places: Places) -> None:
    market = region(places)
    market.put_opening(opening(group(WELDING, verified_only=True)))
    market.put_learner(ANN)
    market.settle()
    put(market, awards=(award(WELDING, evidence="attested"),))
    assert reason_after(market) == "credential_lapsed"


def test_a_match_ends_by_the_date_alone(places: Places) -> None:
    market = region(places)
    market.put_opening(JOB)
    market.put_learner(learner(award(WELDING, expires_on=TOMORROW)))
    market.settle()
    market.set_day(TOMORROW)
    assert reason_after(market) == "credential_lapsed"


def test_an_opening_closes_after_its_last_day(places: Places) -> None:
    market = region(places)
    market.put_opening(opening(group(WELDING), closes_on=TOMORROW))
    market.put_learner(ANN)
    assert len(changes(market)) == 1
    market.set_day(TOMORROW)
    assert changes(market) == []
    market.set_day(date(2026, 11, 22))
    assert reason_after(market) == "opening_expired"


def test_a_match_begins_by_the_date_alone(places: Places) -> None:
    market = region(places)
    market.put_opening(JOB)
    market.put_learner(learner(award(WELDING, issued_on=TOMORROW)))
    assert changes(market) == []
    market.set_day(TOMORROW)
    assert [change.kind for change in changes(market)] == [MatchKind.PROPOSED]


def test_the_one_who_no_longer_fits_on_the_list_is_outranked(places: Places) -> None:
    market = region(places, Policy(shortlist_min=1, shortlist_max=1, shortlist_per_position=1))
    market.put_opening(JOB)
    market.put_learner(structs.replace(ANN, learner_id="zoe"))
    market.settle()
    market.put_learner(ANN)
    entered, outranked = changes(market)
    assert (entered.record.learner_id, entered.kind) == ("ann", MatchKind.PROPOSED)
    assert (outranked.record.learner_id, outranked.reason) == ("zoe", WithdrawalReason.OUTRANKED)
    erase(market)
    erased, again = changes(market)
    assert erased.reason == WithdrawalReason.ERASED
    assert (again.record.learner_id, again.kind, again.record.version) == ("zoe", MatchKind.PROPOSED, 3)


def test_a_learner_who_was_out_of_the_cut_leaves_without_an_event(places: Places) -> None:
    market = region(places, Policy(shortlist_min=1, shortlist_max=1, shortlist_per_position=1))
    market.put_opening(JOB)
    market.put_learner(ANN)
    market.put_learner(structs.replace(ANN, learner_id="zoe"))
    market.settle()
    market.remove_learner("zoe", 2, Ending.ERASED)
    assert changes(market) == []


def revised(market: RegionMarket) -> bool:
    found = changes(market)
    assert all((change.kind, change.reason) == (MatchKind.REVISED, None) for change in found)
    return bool(found)


def test_a_match_is_revised_only_when_its_facts_differ(market: RegionMarket) -> None:
    put(market, seeking_since=DAY)
    assert revised(market)
    market.put_learner(structs.replace(ANN, version=3, seeking_since=DAY, wage_floor=1))
    assert not revised(market)
    market.put_learner(structs.replace(ANN, version=4, seeking_since=DAY, awards=(award(WELDING, evidence="attested"),)))
    assert revised(market)
    market.put_opening(replace(JOB, version=2, title="Fitter"))
    assert not revised(market)
    market.put_opening(replace(JOB, version=3, groups=(*JOB.groups, group(PRINTS, group_id="p", necessity="preferred"))))
    assert revised(market)


def test_a_changed_rank_alone_is_no_event(market: RegionMarket) -> None:
    market.put_learner(structs.replace(ANN, learner_id="zoe", seeking_since=DAY))
    assert [change.record.learner_id for change in changes(market)] == ["zoe"]
    assert [match.learner_id for match in market.shortlist("job")] == ["zoe", "ann"]


def test_what_happened_and_was_undone_within_a_batch_is_no_event(market: RegionMarket) -> None:
    put(market, seeking=False)
    market.put_learner(structs.replace(ANN, version=3))
    assert changes(market) == []


def test_a_change_carries_the_versions_that_it_was_evaluated_on(market: RegionMarket) -> None:
    market.put_learner(structs.replace(ANN, version=5, seeking_since=DAY))
    market.put_opening(replace(JOB, version=4))
    (change,) = changes(market)
    assert (change.opening_version, change.learner_version, change.policy_version, change.day) == (4, 5, 1, DAY)
    assert change.record.basis.opening_version == 4


def test_a_stale_version_changes_nothing(market: RegionMarket) -> None:
    assert not market.put_learner(structs.replace(ANN, seeking=False))
    assert not market.put_opening(replace(JOB, status=OpeningStatus.CLOSED))
    assert not market.remove_learner("ann", 1, Ending.ERASED)
    assert not market.remove_opening("job", 1)
    assert market.settle().is_empty


def test_a_late_copy_of_what_ended_does_not_come_back(market: RegionMarket) -> None:
    market.remove_learner("ann", 5, Ending.ERASED)
    market.settle()
    assert not market.put_learner(structs.replace(ANN, version=4))
    assert not market.put_learner(structs.replace(ANN, version=5))
    assert market.settle().is_empty
    assert market.put_learner(structs.replace(ANN, version=6))
    assert [change.kind for change in changes(market)] == [MatchKind.PROPOSED]


def test_an_opening_of_another_region_is_refused(market: RegionMarket) -> None:
    elsewhere: MarketOpening = replace(JOB, region="10420", zip="44067", version=2)
    with pytest.raises(WrongRegion):
        market.put_opening(elsewhere)
    assert market.settle().is_empty


def test_a_day_that_is_not_later_is_refused(market: RegionMarket) -> None:
    assert not market.set_day(DAY)
    assert not market.set_day(DAY - timedelta(days=1))
    assert market.day == DAY


@pytest.mark.parametrize(
    ("happens", "behind"),
    [
        (lambda market: put(market, seeking=False), ("not_seeking", ())),
        (lambda market: market.remove_learner("ann", 2, Ending.WITHDRAWN), ("out_of_reach", ())),
        (lambda market: repost(market, wage_max=1), (None, ())),
        (lapse, (None, ("g",))),
        (forget_welding, (None, ("g",))),
        (lambda market: repost(market, groups=(group(PRINTS, group_id="h"),)), (None, ("h",))),
        (lambda market: put(market, consents_to_matching=False, seeking=False), (None, ())),
        (lambda market: repost(market, status=OpeningStatus.CLOSED), (None, ())),
        (erase, (None, ())),
    ],
)
def test_a_withdrawal_names_the_gate_or_the_groups_behind_its_reason(
    market: RegionMarket, happens: Callable[[RegionMarket], None], behind: tuple[str | None, tuple[str, ...]]
) -> None:
    """Guards: an employer is told what has changed, and nothing of a learner who has withdrawn."""
    happens(market)
    found = [(change.gate, change.unmet) for change in changes(market) if change.kind == MatchKind.WITHDRAWN]
    assert found == [behind] or (not found and behind == (None, ()))


def test_nothing_but_the_version_of_an_ended_match_is_kept(market: RegionMarket) -> None:
    erase(market)
    (change,) = changes(market)
    assert (change.record.facts, change.record.basis) == (NO_FACTS, NO_BASIS)
    assert "award-of" not in repr(market.state())
