"""The generated market: the same for the same seed, valid, in proportion, and lively enough to be worth looking at."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pytest
from pydantic import TypeAdapter

from contracts.learners import AwardState, CohortState, LearnerState
from contracts.openings import OpeningState
from demo.market.atlas import Atlas, UnknownRegion
from demo.market.bodies import award_body, cohort_body, learner_body, opening_body
from demo.market.drafts import AwardDraft, LearnerDraft, OpeningDraft
from demo.market.generated_market import GeneratedMarket
from demo.market.plan import USUAL_REGIONS, MarketPlan, apportion, choose_regions
from reference.places import load_places

from .conftest import DAY


def test_the_same_plan_makes_the_same_market(market: GeneratedMarket) -> None:
    again = GeneratedMarket(market.plan, market.atlas)
    assert list(again.openings()) == list(market.openings())
    assert list(again.learners()) == list(market.learners())
    assert list(again.providers()) == list(market.providers())
    assert list(again.cohorts()) == list(market.cohorts())


def test_another_seed_makes_another_market(market: GeneratedMarket) -> None:
    other = GeneratedMarket(replace(market.plan, seed=8), market.atlas)
    assert list(other.openings()) != list(market.openings())
    assert list(other.learners()) != list(market.learners())


def test_the_market_has_the_size_that_was_asked_for(market: GeneratedMarket) -> None:
    assert sum(1 for _ in market.openings()) == 300
    assert sum(1 for _ in market.learners()) == 1000


def test_openings_are_in_proportion_to_employment(market: GeneratedMarket) -> None:
    found = Counter((opening.region, opening.occupation) for opening in market.openings())
    for code in market.plan.regions:
        region = market.atlas.region(code)
        in_region = sum(count for (where, _), count in found.items() if where == code)
        for work in region.work:
            assert abs(found[code, work.occupation.soc] - in_region * work.employment / region.employment) < 1


def test_wages_lie_around_the_median_of_the_region(market: GeneratedMarket) -> None:
    medians = {(code, w.occupation.soc): w.median_cents for code in market.plan.regions for w in market.atlas.region(code).work}
    for opening in market.openings():
        if opening.wage_min is not None and opening.wage_max is not None:
            median = medians[opening.region, opening.occupation]
            assert 0.8 * median <= opening.wage_min <= opening.wage_max <= 1.4 * median


def test_every_opening_keeps_the_contract(market: GeneratedMarket) -> None:
    places, catalog = load_places(), market.atlas.credentials
    employers = {employer.key: employer.region for employer in market.employers()}
    for opening in market.openings():
        whose = {"opening_id": opening.key, "employer_id": opening.employer, "region": opening.region, "status": "open"}
        OpeningState.model_validate_json(TypeAdapter(dict).dump_json(whose | opening_body(opening)))
        assert employers[opening.employer] == opening.region
        assert opening.remote == (opening.zip is None)
        assert opening.zip is None or places.point(opening.zip).region == opening.region
        assert opening.filled < opening.positions <= 8
        assert opening.start_by is None or opening.closes_on is None or opening.start_by >= opening.closes_on
        assert all(form.credential is None or form.credential in catalog for g in opening.groups for form in g.any_of)


def test_every_learner_keeps_the_contract(market: GeneratedMarket) -> None:
    providers = {provider.key: provider.region for provider in market.providers()}
    for learner in market.learners():
        whose = {"learner_id": learner.key, "provider_id": learner.provider, "region": learner.region}
        body = whose | {"consents_to_matching": learner.consents} | learner_body(learner)
        LearnerState.model_validate_json(TypeAdapter(dict).dump_json(body))
        assert providers[learner.provider] == load_places().point(learner.zip).region == learner.region
        assert (learner.seeking_since is not None) == learner.seeking
        assert len({award.credential for award in learner.awards}) == len(learner.awards)


def test_every_award_keeps_the_contract(market: GeneratedMarket) -> None:
    for award in awards(market):
        body = {"award_id": award.key, "evidence": "attested"} | award_body(award)
        AwardState.model_validate_json(TypeAdapter(dict).dump_json(body))
        assert award.credential in market.atlas.credentials
        in_progress = award.status == "in_progress"
        assert (award.issued_on is None) == in_progress
        assert award.expected_on is None or in_progress
        assert award.issued_on is None or award.issued_on <= DAY
        assert award.expires_on is None or (award.issued_on is not None and award.issued_on < award.expires_on)


def test_every_cohort_keeps_the_contract(market: GeneratedMarket) -> None:
    for cohort in market.cohorts():
        body = {"cohort_id": cohort.key, "provider_id": cohort.provider} | cohort_body(cohort)
        CohortState.model_validate_json(TypeAdapter(dict).dump_json(body))
        assert cohort.enrolled <= cohort.seats
        assert cohort.starts_on <= cohort.ends_on


def test_every_state_of_an_award_occurs(market: GeneratedMarket) -> None:
    found = list(awards(market))
    assert {award.status for award in found} == {"active", "in_progress", "suspended", "revoked"}
    expired = [award for award in found if award.expires_on is not None and award.expires_on <= DAY]
    assert 0 < len(expired) < len(found) / 10


def test_everything_is_labelled_synthetic(market: GeneratedMarket) -> None:
    assert all(employer.name.startswith("Synthetic Works ") for employer in market.employers())
    assert all(provider.name.startswith("Synthetic Training ") for provider in market.providers())
    for learner in market.learners():
        assert learner.name.endswith("(synthetic)")
        assert learner.email.endswith("@example.com")


def test_keys_are_unique(market: GeneratedMarket) -> None:
    for things in (market.employers(), market.providers(), market.openings(), market.learners(), market.cohorts()):
        keys = [thing.key for thing in things]  # type: ignore[attr-defined]
        assert len(keys) == len(set(keys))


def test_enough_pairs_qualify_and_nearly_qualify(market: GeneratedMarket) -> None:
    """Of the pairs in which the learner reaches the opening's region."""
    reaching: Counter[int] = Counter()
    learners = [(learner, reach_of(learner), holdings(learner, market.atlas)) for learner in market.learners()]
    for opening in islice(market.openings(), 0, None, 3):
        for _, reach, held in learners:
            if ("remote" if opening.remote else opening.region) in reach:
                reaching[min(2, unmet(opening, held, market.atlas))] += 1
    pairs = reaching.total()
    assert 0.04 < reaching[0] / pairs < 0.2
    assert 0.1 < reaching[1] / pairs < 0.5


def test_some_subjects_pass_the_evidence_guard(market: GeneratedMarket) -> None:
    openings, employers = Counter[object](), dict[object, set[str]]()
    for opening in market.openings():
        forms = {form for group in opening.groups if group.necessity == "required" for form in group.any_of}
        for form in forms:
            openings[opening.region, form] += 1
            employers.setdefault((opening.region, form), set()).add(opening.employer)
    guarded = [cell for cell, count in openings.items() if count >= 5 and len(employers[cell]) >= 3]
    assert len(guarded) >= 20


def test_a_nation_is_made_one_by_one(atlas: Atlas) -> None:
    nation = GeneratedMarket(
        MarketPlan(choose_regions("all", atlas), openings=2_000_000, learners=8_000_000, seed=7, day=DAY), atlas
    )
    assert len(list(islice(nation.openings(), 10))) == len(list(islice(nation.learners(), 10))) == 10


def test_regions_are_chosen_by_number_code_or_all(atlas: Atlas) -> None:
    assert choose_regions("5", atlas) == USUAL_REGIONS
    assert choose_regions("7", atlas)[:5] == USUAL_REGIONS
    assert len(set(choose_regions("7", atlas))) == 7
    assert choose_regions("48620, 17410", atlas) == ("48620", "17410")
    assert len(choose_regions("all", atlas)) == 387


@pytest.mark.parametrize("wanted", ["0", "9999", "99999", "nonmetro-OH", "", "17410,nowhere", "-1"])
def test_a_region_that_cannot_be_filled_is_refused(atlas: Atlas, wanted: str) -> None:
    with pytest.raises(UnknownRegion):
        choose_regions(wanted, atlas)


def test_apportioning_gives_away_exactly_the_total() -> None:
    assert apportion(10, [1, 1, 1]) == [4, 3, 3]
    assert apportion(0, [3, 4]) == [0, 0]
    assert apportion(7, [0, 0]) == [0, 0]
    assert apportion(100, [99, 1]) == [99, 1]


def awards(market: GeneratedMarket) -> Iterator[AwardDraft]:
    return (award for learner in market.learners() for award in learner.awards)


def reach_of(learner: LearnerDraft) -> tuple[str, ...]:
    return load_places().reach(learner.zip, learner.reach_km, learner.remote_ok)


def holdings(learner: LearnerDraft, atlas: Atlas) -> set[str]:
    """The credentials in force, closed (MARKET.md section 5)."""
    held = {award.credential for award in learner.awards if award.status == "active" and in_force(award)}
    while True:
        implied = {name for credential in held for name in atlas.credentials[credential].implies}
        whole = {c.id for c in atlas.credentials.values() if c.composed_of and held.issuperset(c.composed_of)}
        if implied | whole <= held:
            return held
        held |= implied | whole


def in_force(award: AwardDraft) -> bool:
    return award.expires_on is None or award.expires_on > DAY


def unmet(opening: OpeningDraft, held: set[str], atlas: Atlas) -> int:
    """How many required groups are unmet, whatever the evidence."""
    levels: dict[str, int] = {}
    for credential in held:
        for competency, level in atlas.credentials[credential].levels.items():
            levels[competency] = max(level, levels.get(competency, 0))
    required = [group for group in opening.groups if group.necessity == "required"]
    return sum(
        not any(form.credential in held or levels.get(form.competency or "", 0) >= (form.level or 9) for form in group.any_of)
        for group in required
    )
