"""Examples of `learners.catalog.v1` (real definitions of the reference catalog), `learners.provider.v1` and
`learners.cohort.v1`."""

from datetime import date

from contracts.examples.story import CLEVELAND, COHORT, PROVIDER, Example
from contracts.learners import CohortEnded, CohortState, CompetencyState, Conferral, CredentialState, ProviderState

_MILLING_OPERATOR = CredentialState(
    id="nims:cnc-milling-operator", name="CNC Milling: Operations", issuer="National Institute for Metalworking Skills"
)
_MODULES = ("mssc:cpt-safety", "mssc:cpt-quality", "mssc:cpt-processes", "mssc:cpt-maintenance")
_PRODUCTION_TECHNICIAN = CredentialState(
    id="mssc:cpt",
    name="Certified Production Technician",
    issuer="Manufacturing Skill Standards Council",
    aliases=("CPT", "MSSC CPT"),
    confers=(
        Conferral(competency="production.processes", level=3),
        Conferral(competency="lean.continuous-improvement", level=2),
    ),
    implies=_MODULES,
    composed_of=_MODULES,
    valid_months=60,
    training_weeks=12,
    references=("https://www.msscusa.org",),
)
PROVIDER_EXAMPLES = (
    Example("ProviderNamed", PROVIDER, 1, ProviderState(provider_id=PROVIDER, name="Lakeside Technical College"), bare=True),
    Example("ProviderNamed", PROVIDER, 2, ProviderState(provider_id=PROVIDER, name="Lakeside Technical College")),
)
CATALOG_EXAMPLES = (
    Example(
        "CompetencyDefined",
        "competency/machining.cnc-milling",
        1,
        CompetencyState(id="machining.cnc-milling", name="CNC milling"),
        bare=True,
    ),
    Example(
        "CompetencyDefined",
        "competency/quality.gdt",
        1,
        CompetencyState(id="quality.gdt", name="Geometric dimensioning and tolerancing"),
    ),
    Example("CredentialDefined", "credential/nims:cnc-milling-operator", 1, _MILLING_OPERATOR, bare=True),
    Example("CredentialDefined", "credential/mssc:cpt", 1, _PRODUCTION_TECHNICIAN),
    Example(
        "CredentialRevised",
        "credential/nims:cnc-milling-operator",
        2,
        _MILLING_OPERATOR.model_copy(update={"aliases": ("CNC Mill Operator",)}),
        bare=True,
    ),
    Example("CredentialRevised", "credential/mssc:cpt", 2, _PRODUCTION_TECHNICIAN.model_copy(update={"training_weeks": 10})),
)
_COHORT = CohortState(
    cohort_id=COHORT,
    provider_id=PROVIDER,
    credential="nims:cnc-milling-operator",
    region=CLEVELAND,
    seats=16,
    enrolled=11,
    starts_on=date(2027, 1, 11),
    ends_on=date(2027, 3, 5),
)
COHORT_EXAMPLES = (
    Example("CohortPlanned", COHORT, 1, _COHORT.model_copy(update={"enrolled": 0}), bare=True),
    Example("CohortPlanned", COHORT, 1, _COHORT),
    Example("CohortRevised", COHORT, 2, _COHORT.model_copy(update={"enrolled": 16}), bare=True),
    Example("CohortRevised", COHORT, 3, _COHORT.model_copy(update={"seats": 20, "enrolled": 18})),
    Example("CohortCancelled", COHORT, 2, CohortEnded(cohort_id=COHORT, region=CLEVELAND), bare=True),
    Example("CohortCancelled", COHORT, 4, CohortEnded(cohort_id=COHORT, region=CLEVELAND)),
)
