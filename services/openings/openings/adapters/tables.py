"""All tables of this service: whoever needs its whole metadata imports this."""

from openings.adapters.catalog_tables import CompetencyCopyRow, CredentialCopyRow
from openings.adapters.employer_tables import EmployerRow
from openings.adapters.introduction_tables import IntroductionRequestRow, ReceivedAnswerRow
from openings.adapters.model import OpeningsModel
from openings.adapters.opening_tables import EndingNoticeRow, OpeningRow
from openings.adapters.provider_tables import ProviderCopyRow
from openings.adapters.reach_tables import DraftRow, PreviewRow, ReachRow
from openings.adapters.search_terms import SearchTermRow
from openings.adapters.shortlist_tables import MatchCountsRow, ShortlistRow

__all__ = [
    "CompetencyCopyRow",
    "CredentialCopyRow",
    "DraftRow",
    "EmployerRow",
    "EndingNoticeRow",
    "IntroductionRequestRow",
    "MatchCountsRow",
    "OpeningRow",
    "OpeningsModel",
    "PreviewRow",
    "ProviderCopyRow",
    "ReachRow",
    "ReceivedAnswerRow",
    "SearchTermRow",
    "ShortlistRow",
]
