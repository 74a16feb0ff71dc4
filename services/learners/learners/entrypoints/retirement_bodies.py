"""Bodies of requests about retirements."""

from typing import Annotated

from learners.entrypoints.fields import CatalogId, Name
from learners.entrypoints.retirement_fields import RETIREMENT_REASON, SUPERSEDED_BY
from makersync.http.bodies import RequestModel


class RetirementBody(RequestModel):
    """Why a credential is retired, and which one to name instead."""

    superseded_by: Annotated[CatalogId | None, SUPERSEDED_BY] = None
    reason: Annotated[Name, RETIREMENT_REASON]
