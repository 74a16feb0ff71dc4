"""How employers are shown."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, Field

from makersync.http.response_warnings import Warned, warnings_of
from makersync.remarks import Remark
from openings.domain.employer import Employer
from openings.entrypoints.fields import EMPLOYER_EXAMPLE


class EmployerView(BaseModel):
    """An organisation that publishes openings."""

    employer_id: str = Field(description="The id that admission gave it. Its openings name it.", examples=[EMPLOYER_EXAMPLE])
    name: str = Field(
        description="Its name, or `Name lost (…)` with its id where only its openings were recovered.",
        examples=["Maumee Precision Machining"],
    )
    created_at: datetime = Field(description="When it was first admitted, UTC.")

    @classmethod
    def of(cls, employer: Employer) -> "EmployerView":
        return cls(employer_id=employer.employer_id, name=employer.name, created_at=employer.created_at)


class AdmittedEmployerView(EmployerView, Warned):
    """An employer that was admitted or restored, with warnings."""

    @classmethod
    def admitted(cls, employer: Employer, remarks: Iterable[Remark]) -> "AdmittedEmployerView":
        return cls(**dict(EmployerView.of(employer)), warnings=warnings_of(remarks))
