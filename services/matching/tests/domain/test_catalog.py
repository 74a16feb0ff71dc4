"""Section 2 and the first half of section 5: what follows from holding a credential."""

from examples import MILLING, WELDING, catalog, definition

from matching.domain.market.catalog import CompetencyLevel, MarketCatalog

FULL, SAFETY, QUALITY = "cpt:full", "cpt:safety", "cpt:quality"


def production_technician() -> MarketCatalog:
    """A full certificate that is made of its modules and implies them: a cycle."""
    full = definition(FULL, composed_of=(SAFETY, QUALITY), implies=(SAFETY, QUALITY))
    return catalog(full, definition(SAFETY), definition(QUALITY))


def test_a_holder_of_a_credential_holds_what_it_implies_step_by_step() -> None:
    chain = catalog(definition("a", implies=("b",)), definition("b", implies=("c",)), definition("c"))
    assert chain.holdings(["a"]) == {"a", "b", "c"}
    assert chain.holdings(["b"]) == {"b", "c"}


def test_all_components_together_make_the_composed_credential() -> None:
    known = production_technician()
    assert known.holdings([SAFETY, QUALITY]) == {FULL, SAFETY, QUALITY}
    assert known.holdings([SAFETY]) == {SAFETY}


def test_a_component_may_be_held_by_implication() -> None:
    known = catalog(definition("whole", composed_of=("a", "b")), definition("a"), definition("b", implies=("a",)))
    assert "whole" in known.holdings(["b"])


def test_a_credential_that_nobody_defined_is_held_by_nobody() -> None:
    known = catalog(definition("a", implies=("later",)), definition("whole", composed_of=("a", "later")), definition("b"))
    assert known.holdings(["later", "b"]) == {"b"}
    assert known.holdings(["a", "later"]) == {"a"}


def test_a_competency_is_held_at_every_level_up_to_the_conferred_one() -> None:
    assert catalog().subjects(frozenset([MILLING])) == {
        f"credential:{MILLING}",
        "competency:milling@1",
        "competency:milling@2",
        "competency:milling@3",
    }


def test_an_award_supports_its_credential_and_all_that_it_implies() -> None:
    known = catalog(definition("a", implies=("b",)), definition("b", implies=("c",)), definition("c"))
    assert known.supports(["a", "c"]) == {"a": {"a"}, "b": {"a"}, "c": {"a", "c"}}


def test_components_support_the_whole_only_when_all_are_held() -> None:
    known = catalog(definition(FULL, composed_of=(SAFETY, QUALITY)), definition(SAFETY), definition(QUALITY))
    assert known.supports([FULL, SAFETY])[FULL] == {FULL}
    assert known.supports([FULL, SAFETY, QUALITY])[FULL] == {FULL, SAFETY, QUALITY}


def test_a_cycle_supports_every_member_by_every_member_that_is_awarded() -> None:
    known = production_technician()
    assert known.supports([FULL]) == {FULL: {FULL}, SAFETY: {FULL}, QUALITY: {FULL}}
    both = frozenset({SAFETY, QUALITY})
    assert known.supports([SAFETY, QUALITY]) == {FULL: both, SAFETY: both, QUALITY: both}


def test_a_holding_that_implies_nothing_back_supports_itself_only() -> None:
    assert catalog().supports([WELDING, "unknown"]) == {WELDING: {WELDING}}


def test_a_credential_provides_what_it_alone_makes_held() -> None:
    known = catalog(
        definition("long", implies=("milling",), training_weeks=20),
        definition("milling", confers=(CompetencyLevel("milling", 2),), training_weeks=4),
        definition("b-unknown-weeks", implies=("milling",)),
        definition("a-unknown-weeks", implies=("milling",)),
        definition("part", implies=()),
        definition("whole", composed_of=("part",), confers=(CompetencyLevel("milling", 5),), training_weeks=0),
    )
    assert known.providers("competency:milling@5") == ("whole", "part")
    order = ("whole", "milling", "long", "a-unknown-weeks", "b-unknown-weeks", "part")
    assert known.providers("competency:milling@2") == order
    assert known.providers("competency:nothing@1") == ()


def test_two_catalogs_with_the_same_definitions_are_equal() -> None:
    assert production_technician() == production_technician()
    assert production_technician() != catalog()
