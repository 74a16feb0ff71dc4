"""Operators admit employers."""

from collections.abc import Sequence

from makersync.remarks import Remark
from openings.application.identifiers import new_id
from openings.application.ports import Desk
from openings.domain.employer import Employer, fit_name


async def admit_employer(desk: Desk, name: str) -> tuple[Employer, Sequence[Remark]]:
    """Raises RulesBroken. Another employer of the same name is remarked on: two can have one, and one can be admitted twice."""
    now = desk.clock.now()
    employer = Employer(new_id("emp", now), fit_name(name), now)
    remarks = [
        Remark("name", "same_name", f"employer {one.employer_id} has it too") for one in await desk.employers.named_like(name)
    ]
    await desk.employers.add(employer)
    return employer, remarks
