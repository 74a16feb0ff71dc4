"""Bodies of requests about providers."""

from learners.entrypoints.fields import Name
from makersync.http.bodies import RequestModel


class ProviderBody(RequestModel):
    name: Name
