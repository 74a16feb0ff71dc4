"""All tables of this service: whoever needs its whole metadata imports this."""

from learners.adapters.catalog_tables import CompetencyRow, CredentialRow, ProposalRow, RetirementRow
from learners.adapters.learner_tables import (
    AccreditationRow,
    AwardRow,
    CohortRow,
    ErasedLearnerRow,
    LearnerRow,
    PersonRow,
    ProviderRow,
    RederivationRow,
)
from learners.adapters.market_tables import LearnerMatchRow, SignalRow, SignalTallyRow
from learners.adapters.model import LearnersModel
from learners.adapters.pathway_tables import LearnerPathwayRow, PathwayCredentialRow

__all__ = [
    "AccreditationRow",
    "AwardRow",
    "CohortRow",
    "CompetencyRow",
    "CredentialRow",
    "ErasedLearnerRow",
    "LearnerMatchRow",
    "LearnerPathwayRow",
    "LearnerRow",
    "LearnersModel",
    "PathwayCredentialRow",
    "PersonRow",
    "ProposalRow",
    "ProviderRow",
    "RederivationRow",
    "RetirementRow",
    "SignalRow",
    "SignalTallyRow",
]
