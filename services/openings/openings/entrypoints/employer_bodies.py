"""What operators send about employers. The shape of a field is checked here, its meaning by the domain."""

from typing import Annotated

from pydantic import Field

from makersync.http.bodies import RequestModel
from openings.domain.employer import LONGEST_NAME


class EmployerBody(RequestModel):
    """An employer to admit."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
