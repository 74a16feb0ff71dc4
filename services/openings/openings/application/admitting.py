"""Operators admit employers, and restore those that were lost."""

from collections.abc import Sequence

from makersync.identifiers import made_at, new_id
from makersync.remarks import Remark
from openings.application.unit_of_work import OpeningsUnitOfWork
from openings.domain.employer import Employer, checked_name
from openings.domain.errors import NotNow, RulesBroken, Violation


async def admit_employer(uow: OpeningsUnitOfWork, name: str) -> tuple[Employer, Sequence[Remark]]:
    """Raises RulesBroken. Another employer with the same name is only remarked on: either two employers share a name, or one is
    being admitted twice."""
    now = uow.clock.now()
    employer = Employer(new_id("emp", now), checked_name(name), now)
    remarks = await _namesakes(uow, employer)
    await uow.employers.add(employer)
    uow.log.note("employer_admitted", employer.employer_id, {"name": employer.name})
    return employer, remarks


async def restore_employer(uow: OpeningsUnitOfWork, employer_id: str, name: str) -> tuple[Employer, Sequence[Remark]]:
    """Bring back an employer that was lost with the database, under the id that the topics know.

    An employer that exists is never changed, except that a lost name is replaced.

    Raises RulesBroken, and NotNow when the employer exists under another name.
    """
    created_at = made_at("emp", employer_id)
    if created_at is None or created_at > uow.clock.now():
        detail = "must be the id that the employer had: emp_ and 26 characters"
        raise RulesBroken([Violation(("organisation_id",), "identifier", detail)])
    wanted, before = Employer(employer_id, checked_name(name), created_at), await uow.employers.claim(employer_id)
    if before is not None and not before.is_nameless and before.name != wanted.name:
        raise NotNow("other_name", "The employer exists under another name.")
    remarks = await _namesakes(uow, wanted)
    if before is not None and before.name == wanted.name:
        return before, remarks
    await (uow.employers.add(wanted) if before is None else uow.employers.rename(wanted))
    uow.log.note("employer_restored", employer_id, {"name": wanted.name})
    return wanted, remarks


async def _namesakes(uow: OpeningsUnitOfWork, employer: Employer) -> Sequence[Remark]:
    alike = [other.employer_id for other in await uow.employers.named_like(employer.name)]
    return [Remark("name", "same_name", f"employer {other} has it too") for other in alike if other != employer.employer_id]
