"""Operators retire credential definitions, and take that back."""

from learners.application.errors import Absent
from learners.application.ports import LearnersUnitOfWork
from learners.domain import retirement as retirements
from learners.domain.errors import RuleBroken
from learners.domain.retirement import Retirement


async def retire_credential(desk: LearnersUnitOfWork, credential: str, superseded_by: str | None, reason: str) -> Retirement:
    """Raises Absent, RuleBroken. Retiring again changes what is said of it."""
    if await desk.catalog.credential(credential) is None:
        raise Absent
    if superseded_by is not None and await desk.catalog.credential(superseded_by) is None:
        raise RuleBroken("superseded_by", "unknown", "is not a credential of the catalog")
    wanted = Retirement(credential, desk.clock.now(), reason, superseded_by)
    retired = retirements.retire(wanted, await desk.retirements.of(superseded_by) if superseded_by else None)
    await desk.retirements.put(retired)
    desk.log.note("credential_retired", credential, {"superseded_by": superseded_by or "", "reason": retired.reason})
    return retired


async def reinstate_credential(desk: LearnersUnitOfWork, credential: str) -> None:
    """It may be named again. Raises Absent when it is not retired."""
    if await desk.retirements.of(credential) is None:
        raise Absent
    await desk.retirements.remove(credential)
    desk.log.note("credential_reinstated", credential, {})


async def demand_current(desk: LearnersUnitOfWork, credential: str) -> None:
    """Raises RuleBroken for a credential that is retired."""
    retirements.demand_current(await desk.retirements.of(credential))
