"""Operators admit employers, and bring back those that were lost."""

from collections.abc import Sequence

from makersync.identifiers import made_at, new_id
from makersync.remarks import Remark
from openings.application.ports import OpeningsUnitOfWork
from openings.domain.employer import Employer, fit_name
from openings.domain.refusals import NotNow, RulesBroken, Violation


async def admit_employer(desk: OpeningsUnitOfWork, name: str) -> tuple[Employer, Sequence[Remark]]:
    """Raises RulesBroken. Another employer of the same name is remarked on: two can have one, and one can be admitted twice."""
    now = desk.clock.now()
    employer = Employer(new_id("emp", now), fit_name(name), now)
    remarks = await _namesakes(desk, employer)
    await desk.employers.add(employer)
    desk.log.note("employer_admitted", employer.employer_id, {"name": employer.name})
    return employer, remarks


async def restore_employer(desk: OpeningsUnitOfWork, employer_id: str, name: str) -> tuple[Employer, Sequence[Remark]]:
    """An employer that was lost with the database, under the id that topics know it by. One that is there is never changed, but
    for a name that was lost.

    Raises RulesBroken, and NotNow when the employer is there.
    """
    created_at = made_at("emp", employer_id)
    if created_at is None or created_at > desk.clock.now():
        detail = "must be the id that the employer had: emp_ and 26 characters"
        raise RulesBroken([Violation(("organisation_id",), "identifier", detail)])
    wanted, before = Employer(employer_id, fit_name(name), created_at), await desk.employers.hold(employer_id)
    if before is not None and not before.is_nameless and before.name != wanted.name:
        raise NotNow("There is such an employer, under another name.")
    remarks = await _namesakes(desk, wanted)
    if before is not None and before.name == wanted.name:
        return before, remarks
    await (desk.employers.add(wanted) if before is None else desk.employers.rename(wanted))
    desk.log.note("employer_restored", employer_id, {"name": wanted.name})
    return wanted, remarks


async def _namesakes(desk: OpeningsUnitOfWork, employer: Employer) -> Sequence[Remark]:
    alike = [one.employer_id for one in await desk.employers.named_like(employer.name)]
    return [Remark("name", "same_name", f"employer {one} has it too") for one in alike if one != employer.employer_id]
