"""Operators retire credential definitions, and reinstate them."""

from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain import retirement as retirements
from learners.domain.errors import Absent, RuleBroken
from learners.domain.retirement import Retirement


async def retire_credential(uow: LearnersUnitOfWork, credential: str, superseded_by: str | None, reason: str) -> Retirement:
    """Retiring it again replaces reason and successor. Raises Absent, RuleBroken."""
    if await uow.catalog.credential(credential) is None:
        raise Absent
    if superseded_by is not None and await uow.catalog.credential(superseded_by) is None:
        raise RuleBroken("superseded_by", "unknown", "is not a credential of the catalog")
    wanted = Retirement(credential, uow.clock.now(), reason, superseded_by)
    retired = retirements.retire(wanted, await uow.retirements.of(superseded_by) if superseded_by else None)
    await uow.retirements.put(retired)
    uow.log.note("credential_retired", credential, {"superseded_by": superseded_by or "", "reason": retired.reason})
    return retired


async def reinstate_credential(uow: LearnersUnitOfWork, credential: str) -> None:
    """New awards and cohorts may name it again. Raises Absent when it is not retired."""
    if await uow.retirements.of(credential) is None:
        raise Absent
    await uow.retirements.remove(credential)
    uow.log.note("credential_reinstated", credential, {})


async def demand_current(uow: LearnersUnitOfWork, credential: str) -> None:
    """Raises RuleBroken for a credential that is retired."""
    retirements.demand_current(await uow.retirements.of(credential))
