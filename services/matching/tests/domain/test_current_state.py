"""A market that is rebuilt from what stands on today's rules asks again only of what it hears."""

from dataclasses import replace
from datetime import timedelta

from examples import CLEVELAND_REGION, DAY, catalog, definition, group, learner, opening
from examples import award as awarded
from msgspec import structs

from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy
from matching.domain.region.live_market import RegionMarket
from matching.domain.region.match_versions import facts_digest
from matching.domain.region.state import RegionState
from matching.domain.rules.matches import MatchKind
from reference.places import Places


def known() -> MarketCatalog:
    return catalog(definition("mill"), definition("weld"))


def settled(places: Places) -> RegionState:
    state = RegionState(
        region=CLEVELAND_REGION,
        day=DAY,
        openings=(opening(group("mill", "weld", group_id="g"), opening_id="job", version=1),),
        learners=(learner(awarded("mill", "m"), awarded("weld", "w"), learner_id="ann", version=1),),
    )
    market = RegionMarket(state, known(), Policy(), places)
    assert [change.kind for change in market.settle().matches] == [MatchKind.PROPOSED]
    return market.state()


def test_a_current_state_settles_to_nothing(places: Places) -> None:
    assert RegionMarket(settled(places), known(), Policy(), places, is_current=True).settle().is_empty


def test_changes_before_the_first_settlement_are_evaluated(places: Places) -> None:
    market = RegionMarket(settled(places), known(), Policy(), places, is_current=True)
    market.put_opening(opening(group("weld", group_id="g"), opening_id="job", version=2))
    changes = market.settle().matches
    assert [(change.kind, change.record.facts.outcomes[0].awards) for change in changes] == [(MatchKind.REVISED, ("w",))]


def test_rules_before_the_first_settlement_are_heard(places: Places) -> None:
    market = RegionMarket(settled(places), known(), Policy(), places, is_current=True)
    market.set_catalog(catalog(definition("mill"), definition("weld", implies=("mill",))))
    market.put_learner(learner(awarded("weld", "w"), learner_id="ann", version=2))
    changes = market.settle().matches
    assert [(change.kind, change.record.facts.outcomes[0].awards) for change in changes] == [(MatchKind.REVISED, ("w",))]


def renewed(market: RegionMarket) -> list[MatchKind]:
    """What becomes of the match when one of the two awards gets an end."""
    until = DAY + timedelta(days=30)
    market.put_learner(learner(awarded("mill", "m", expires_on=until), awarded("weld", "w"), learner_id="ann", version=2))
    return [change.kind for change in market.settle().matches]


def test_another_end_of_an_award_behind_a_match_is_no_event_and_the_next_one_states_it(places: Places) -> None:
    """Guards: section 10 says what revises a match, and the end of an award is not in it."""
    market = RegionMarket(settled(places), known(), Policy(), places, is_current=True)
    assert renewed(market) == []
    market.put_opening(opening(group("weld", group_id="g"), opening_id="job", version=2))
    market.put_learner(learner(awarded("weld", "w", expires_on=DAY + timedelta(days=9)), learner_id="ann", version=3))
    [change] = market.settle().matches
    assert [each.expires_on for each in change.record.facts.awards] == [DAY + timedelta(days=9)]


def test_matches_from_before_awards_were_stated_are_not_all_revised(places: Places) -> None:
    """Guards: the first evaluation after an upgrade would publish every match of a nation again."""
    state = settled(places)
    [stored] = state.matches
    market = RegionMarket(state, known(), Policy(), places)
    assert market.settle().is_empty
    [match] = market.matches()
    assert stored.facts == facts_digest(match.facts)
    bare = structs.replace(match.facts, awards=())
    earlier = replace(state, matches=(structs.replace(stored, facts=facts_digest(bare)),))
    market = RegionMarket(earlier, known(), Policy(), places)
    assert market.settle().is_empty
    market.put_opening(opening(group("weld", group_id="g"), opening_id="job", version=2))
    [change] = market.settle().matches
    assert [each.credential for each in change.record.facts.awards] == ["weld"]
