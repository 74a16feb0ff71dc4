"""Small subjects to begin a test with: whatever a test does not name does not matter to it."""

from dataclasses import replace
from datetime import date, timedelta

from msgspec import structs

from makersync.places import Places
from matching.domain.catalog import Catalog, Competency, CompetencyLevel, CredentialDefinition
from matching.domain.market import (
    Alternative,
    Award,
    AwardStatus,
    CompetencyAlternative,
    CredentialAlternative,
    Evidence,
    Learner,
    Necessity,
    Opening,
    RequirementGroup,
)
from matching.domain.policy import Policy
from matching.domain.records import RegionState
from matching.domain.region import RegionMarket

DAY = date(2026, 11, 20)
TOMORROW = DAY + timedelta(days=1)
CLEVELAND, CLEVELAND_REGION = "44101", "17410"
WELDING, MILLING, PRINTS = "aws:welding", "nims:milling", "nims:prints"


def definition(credential: str, **fields: object) -> CredentialDefinition:
    return replace(CredentialDefinition(credential, credential, "Issuer"), **fields)  # type: ignore[arg-type]


def catalog(*definitions: CredentialDefinition) -> Catalog:
    """These definitions, or three unrelated ones of which milling confers `milling` at level 3."""
    plain = (definition(WELDING), definition(MILLING, confers=(CompetencyLevel("milling", 3),)), definition(PRINTS))
    return Catalog.of([Competency("milling", "Milling")], definitions or plain)


def group(
    *any_of: str | tuple[str, int], necessity: str = "required", group_id: str = "g", **fields: object
) -> RequirementGroup:
    """A group of credentials (text) and competencies (id and level)."""
    made = RequirementGroup(group_id, Necessity(necessity), tuple(alternative(form) for form in any_of))
    return replace(made, **fields)  # type: ignore[arg-type]


def alternative(form: str | tuple[str, int]) -> Alternative:
    return CredentialAlternative(form) if isinstance(form, str) else CompetencyAlternative(*form)


def award(credential: str, award_id: str | None = None, evidence: str = "verified", **fields: object) -> Award:
    """An award in force on `DAY`."""
    made = Award(
        award_id=award_id or f"award-of-{credential}",
        credential=credential,
        status=AwardStatus.ACTIVE,
        evidence=Evidence(evidence),
        issued_on=DAY - timedelta(days=30),
    )
    return structs.replace(made, **fields)  # type: ignore[arg-type]


def learner(*awards: Award, learner_id: str = "ann", **fields: object) -> Learner:
    """Someone in Cleveland who seeks and consents."""
    made = Learner(
        learner_id=learner_id,
        provider_id="college",
        zip=CLEVELAND,
        seeking=True,
        consents_to_matching=True,
        awards=awards,
    )
    return structs.replace(made, **fields)  # type: ignore[arg-type]


def opening(*groups: RequirementGroup, opening_id: str = "job", **fields: object) -> Opening:
    """An open job in Cleveland with one position."""
    made = Opening(
        opening_id=opening_id,
        employer_id="shop",
        title="Machinist",
        region=CLEVELAND_REGION,
        zip=CLEVELAND,
        groups=groups,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def region(places: Places, policy: Policy | None = None, known: Catalog | None = None) -> RegionMarket:
    """An empty market of Cleveland on `DAY`."""
    state = RegionState(region=CLEVELAND_REGION, day=DAY)
    return RegionMarket(state, known or catalog(), policy or Policy(), places)
