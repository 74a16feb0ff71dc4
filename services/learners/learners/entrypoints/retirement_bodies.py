"""Bodies of requests about retirements."""

from learners.entrypoints.fields import CatalogId, Name
from makersync.http.bodies import RequestModel


class RetirementBody(RequestModel):
    """Why a credential is retired, and which one to name instead."""

    superseded_by: CatalogId | None = None
    reason: Name
