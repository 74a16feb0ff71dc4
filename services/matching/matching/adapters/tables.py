"""All tables of this service, for those who need its whole metadata."""

from matching.adapters.catalog_tables import CatalogRow
from matching.adapters.cell_tables import CellRow
from matching.adapters.draft_tables import AskedDraftRow
from matching.adapters.history_tables import CellDayRow, OpeningLifeRow
from matching.adapters.indicator_tables import CellIndicatorsRow
from matching.adapters.match_tables import MatchRow
from matching.adapters.model import MatchingModel
from matching.adapters.past_tables import CatalogPastRow, MatchPastRow, RulesPastRow, SubjectPastRow
from matching.adapters.pathway_tables import PathwayRow
from matching.adapters.policy_tables import PolicyRow
from matching.adapters.reach_tables import PublishedCountsRow
from matching.adapters.region_tables import RegionRow
from matching.adapters.subject_tables import SubjectRow

__all__ = [
    "AskedDraftRow",
    "CatalogPastRow",
    "CatalogRow",
    "CellDayRow",
    "CellIndicatorsRow",
    "CellRow",
    "MatchPastRow",
    "MatchRow",
    "MatchingModel",
    "OpeningLifeRow",
    "PathwayRow",
    "PolicyRow",
    "PublishedCountsRow",
    "RegionRow",
    "RulesPastRow",
    "SubjectPastRow",
    "SubjectRow",
]
