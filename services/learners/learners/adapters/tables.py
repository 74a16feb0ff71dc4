"""All tables of this service. Importing this module completes `LearnersModel.metadata`."""

from learners.adapters.accreditation_tables import AccreditationRow, RederivationRow
from learners.adapters.award_tables import AwardRow, EndingAwardNoticeRow
from learners.adapters.catalog_tables import CompetencyRow, CredentialRow
from learners.adapters.cohort_tables import CohortRow
from learners.adapters.introduction_tables import (
    ContactReadingRow,
    IntroductionAnswerRow,
    IntroductionRow,
    LearnerLinkRow,
)
from learners.adapters.learner_tables import ErasedLearnerRow, LearnerRow, PersonRow, PersonTermRow
from learners.adapters.match_tables import LearnerMatchRow
from learners.adapters.model import LearnersModel
from learners.adapters.opening_tables import OpeningCopyRow
from learners.adapters.pathway_tables import LearnerPathwayRow, PathwayCredentialRow
from learners.adapters.proposal_tables import ProposalRow
from learners.adapters.provider_region_tables import FeedRegionRow, ProviderRegionRow
from learners.adapters.provider_tables import ProviderRow
from learners.adapters.retirement_tables import RetirementRow
from learners.adapters.signal_tables import SignalCountsRow, SignalDayRow, SignalRow

__all__ = [
    "AccreditationRow",
    "AwardRow",
    "CohortRow",
    "CompetencyRow",
    "ContactReadingRow",
    "CredentialRow",
    "EndingAwardNoticeRow",
    "ErasedLearnerRow",
    "FeedRegionRow",
    "IntroductionAnswerRow",
    "IntroductionRow",
    "LearnerLinkRow",
    "LearnerMatchRow",
    "LearnerPathwayRow",
    "LearnerRow",
    "LearnersModel",
    "OpeningCopyRow",
    "PathwayCredentialRow",
    "PersonRow",
    "PersonTermRow",
    "ProposalRow",
    "ProviderRegionRow",
    "ProviderRow",
    "RederivationRow",
    "RetirementRow",
    "SignalCountsRow",
    "SignalDayRow",
    "SignalRow",
]
