"""How a candidate's score came about, as bars."""

from makersync.pages.charts import BarChart, BarPart, ChartBar, bar_chart
from openings.entrypoints.ranking_words import PARTS
from openings.entrypoints.shortlist_views import CandidateView

_MOST = 10000


def score_chart(candidate: CandidateView) -> BarChart:
    """Its parts, each out of 10,000 as the score is. A part that the opening does not ask for is not shown."""
    parts = [(label, getattr(candidate.explanation.components, name)) for name, label in PARTS.items()]
    bars = [ChartBar(label, [BarPart(label, value, "first")]) for label, value in parts if value is not None]
    return bar_chart(f"Score {candidate.score:,} of {_MOST:,}", bars, whole=_MOST)
