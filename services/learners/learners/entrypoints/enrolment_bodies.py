"""Bodies of requests about enrolments."""

from typing import Annotated

from learners.entrypoints.fields import CatalogId
from learners.entrypoints.ids import LEARNER_ID
from makersync.http.bodies import RequestModel


class EnrolmentBody(RequestModel):
    """Who takes a seat."""

    learner_id: Annotated[CatalogId, LEARNER_ID]
