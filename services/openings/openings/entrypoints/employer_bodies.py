"""What operators send about employers. The shape of a field is checked here, its meaning by the domain."""

from pydantic import Field

from makersync.http.bodies import RequestModel
from openings.domain.employer import LONGEST_NAME


class EmployerBody(RequestModel):
    """An employer to admit or to restore."""

    name: str = Field(
        min_length=1,
        max_length=LONGEST_NAME,
        description="The organisation's name, on one line. Operators tell employers apart by it.",
        examples=["Maumee Precision Machining"],
    )
