"""MARKET.md evaluated the slow and literal way, on the plain document, without any code of the product.

Every module is a transcription of its sections: loops over everything, no index, no cache but the distances. It is what the
domain is compared with.
"""

from .cells import evaluate_cells, level_of
from .documents import Doc
from .gates import passes_gates, unmet_required
from .holdings import awards_in_force
from .pathways import evaluate_pathways
from .places import reaches, region_of
from .policy import policy_of
from .reach import evaluate_reach, told_reach
from .shortlists import evaluate_matches, remaining

__all__ = (
    "awards_in_force",
    "evaluate",
    "evaluate_reach",
    "level_of",
    "passes_gates",
    "policy_of",
    "reaches",
    "region_of",
    "remaining",
    "told_reach",
    "unmet_required",
)


def evaluate(market: Doc) -> Doc:
    """Matches, pathways and cells of sections 9, 11, 12 and 14."""
    return {"matches": evaluate_matches(market), "pathways": evaluate_pathways(market), "cells": evaluate_cells(market)}
