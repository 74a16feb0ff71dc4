"""Bodies of requests about providers."""

from typing import Annotated

from learners.entrypoints.fields import Name
from learners.entrypoints.provider_fields import PROVIDER_NAME
from makersync.http.bodies import RequestModel


class ProviderBody(RequestModel):
    """A training provider."""

    name: Annotated[Name, PROVIDER_NAME]
