"""How employers are shown."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel

from makersync.http.warned import Warned, warnings_of
from makersync.remarks import Remark
from openings.domain.employer import Employer


class EmployerView(BaseModel):
    employer_id: str
    name: str
    created_at: datetime

    @classmethod
    def of(cls, employer: Employer) -> "EmployerView":
        return cls(employer_id=employer.employer_id, name=employer.name, created_at=employer.created_at)


class AdmittedEmployerView(EmployerView, Warned):
    """A new employer."""

    @classmethod
    def admitted(cls, employer: Employer, remarks: Iterable[Remark]) -> "AdmittedEmployerView":
        return cls(**dict(EmployerView.of(employer)), warnings=warnings_of(remarks))
