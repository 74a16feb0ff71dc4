"""Operators admit employers."""

from openings.application.identifiers import new_id
from openings.application.ports import Desk
from openings.domain.employer import Employer


async def admit_employer(desk: Desk, name: str) -> Employer:
    now = desk.clock.now()
    employer = Employer(new_id("emp", now), name, now)
    await desk.employers.add(employer)
    return employer
