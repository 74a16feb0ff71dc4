"""Bodies of requests about enrolments."""

from learners.entrypoints.fields import CatalogId
from makersync.http.bodies import RequestModel


class EnrolmentBody(RequestModel):
    """Who takes a seat."""

    learner_id: CatalogId
