"""Small subjects to begin a test with: whatever a test does not name does not matter to it."""

from dataclasses import replace
from datetime import date, timedelta

from msgspec import structs

from contracts.vocabulary import AwardStatus, Evidence, Necessity
from matching.domain.cells.shortage_cell import CellMeasure
from matching.domain.market.catalog import CompetencyLevel, MarketCatalog, MarketCompetency, MarketCredential
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import (
    Alternative,
    CompetencyAlternative,
    CredentialAlternative,
    MarketAward,
    MarketCohort,
    MarketLearner,
    MarketOpening,
    RequirementGroup,
)
from matching.domain.region.live_market import RegionMarket
from matching.domain.region.state import RegionState
from reference.places import Places

DAY = date(2026, 11, 20)
TOMORROW = DAY + timedelta(days=1)
CLEVELAND, CLEVELAND_REGION = "44101", "17410"
WELDING, MILLING, PRINTS = "aws:welding", "nims:milling", "nims:prints"
SUBJECT = f"credential:{WELDING}"


def definition(credential: str, **fields: object) -> MarketCredential:
    return replace(MarketCredential(credential, credential, "Issuer"), **fields)  # type: ignore[arg-type]


def catalog(*definitions: MarketCredential) -> MarketCatalog:
    """These definitions, or three unrelated ones of which milling confers `milling` at level 3."""
    plain = (definition(WELDING), definition(MILLING, confers=(CompetencyLevel("milling", 3),)), definition(PRINTS))
    return MarketCatalog.of([MarketCompetency("milling", "Milling")], definitions or plain)


def group(
    *any_of: str | tuple[str, int], necessity: str = "required", group_id: str = "g", **fields: object
) -> RequirementGroup:
    """A group of credentials (text) and competencies (id and level)."""
    made = RequirementGroup(group_id, Necessity(necessity), tuple(alternative(form) for form in any_of))
    return replace(made, **fields)  # type: ignore[arg-type]


def alternative(form: str | tuple[str, int]) -> Alternative:
    return CredentialAlternative(form) if isinstance(form, str) else CompetencyAlternative(*form)


def award(credential: str, award_id: str | None = None, evidence: str = "verified", **fields: object) -> MarketAward:
    """An award in force on `DAY`."""
    made = MarketAward(
        award_id=award_id or f"award-of-{credential}",
        credential=credential,
        status=AwardStatus.ACTIVE,
        evidence=Evidence(evidence),
        issued_on=DAY - timedelta(days=30),
    )
    return structs.replace(made, **fields)  # type: ignore[arg-type]


def learner(*awards: MarketAward, learner_id: str = "ann", **fields: object) -> MarketLearner:
    """Someone in Cleveland who seeks and consents."""
    made = MarketLearner(
        learner_id=learner_id,
        provider_id="college",
        zip=CLEVELAND,
        seeking=True,
        consents_to_matching=True,
        awards=awards,
    )
    return structs.replace(made, **fields)  # type: ignore[arg-type]


def opening(*groups: RequirementGroup, opening_id: str = "job", **fields: object) -> MarketOpening:
    """An open job in Cleveland with one position."""
    made = MarketOpening(
        opening_id=opening_id,
        employer_id="shop",
        title="Machinist",
        region=CLEVELAND_REGION,
        zip=CLEVELAND,
        groups=groups,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def cohort(**fields: object) -> MarketCohort:
    """Six open seats for welding, until the last day that counts."""
    made = MarketCohort(
        cohort_id="evening-class",
        provider_id="college",
        credential=WELDING,
        region=CLEVELAND_REGION,
        seats=10,
        enrolled=4,
        starts_on=DAY,
        ends_on=DAY + timedelta(days=180),
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def region(places: Places, policy: Policy | None = None, known: MarketCatalog | None = None) -> RegionMarket:
    """An empty market of Cleveland on `DAY`."""
    state = RegionState(region=CLEVELAND_REGION, day=DAY)
    return RegionMarket(state, known or catalog(), policy or Policy(), places)


def measure(places: Places, market: RegionMarket, subject: str = SUBJECT) -> CellMeasure:
    market.settle()
    cell = market.cell(subject)
    assert cell is not None
    return cell.measure
