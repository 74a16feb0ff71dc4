"""The policy's versions as stored, and the state that a change of the rules is tried on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select, text
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.errors import OperatorError
from makersync.store.tables import AuditRow
from matching.adapters.market_view import live_market
from matching.adapters.repository import live_policy
from matching.adapters.tables import CellRow, PolicyRow, SubjectRow
from matching.application.replaying import RegionUnderRules
from matching.domain.cells.cell import Level
from matching.domain.evaluation.proposed_rules import ProposedRules
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy


@dataclass(frozen=True, slots=True)
class LivePolicy:
    """`applied_at` is None for the policy that every installation begins with."""

    policy: Policy
    applied_at: datetime | None


async def policy_in_use(session: AsyncSession) -> LivePolicy:
    """The live policy, and since when."""
    policy = await live_policy(session)
    row = await session.get(PolicyRow, policy.version)
    return LivePolicy(policy, row.applied_at if row else None)


async def store_policy(session: AsyncSession, clock: Clock, proposed: ProposedRules, actor: str) -> None:
    """Make the proposed policy the live one, in the transaction. Raises OperatorError when its version is taken by now."""
    policy, now = proposed.policy, clock.now()
    session.add(PolicyRow(version=policy.version, document=policy.to_dict(), applied_at=now))
    changed = {name: [was, becomes] for name, was, becomes in proposed.numbers}
    session.add(AuditRow(at=now, actor=actor, action="policy_applied", subject=f"policy/{policy.version}", detail=changed))
    try:
        await session.flush()
    except IntegrityError as error:
        raise OperatorError(f"Somebody else has applied policy {policy.version} just now. Look again, then apply.") from error


async def demand_policy(session: AsyncSession, told: int) -> None:
    """Raises OperatorError when the topics tell of a policy (its version) above the live one: to evaluate by an older one would
    withdraw and re-score what is right."""
    live = await live_policy(session)
    if live.version < told:
        raise OperatorError(
            f"The topics tell of policy {told}, and the database knows {live.version} at most. Nothing was changed. Put its "
            f"numbers back first: `makersync policy restore FILE --version {told}`; or take the product's own, "
            f"`makersync policy restore --default --version {told + 1}`."
        )


async def restore_policy(session: AsyncSession, clock: Clock, policy: Policy, actor: str) -> None:
    """Make a policy that was lost the live one, under its own version. Raises OperatorError unless that is above the live's."""
    live = await live_policy(session)
    if policy.version <= live.version:
        raise OperatorError(f"Policy {live.version} is live, and not below {policy.version}. Nothing was changed.")
    now, numbers = clock.now(), policy.to_dict()
    session.add(PolicyRow(version=policy.version, document=numbers, applied_at=now))
    subject = f"policy/{policy.version}"
    session.add(AuditRow(at=now, actor=actor, action="policy_restored", subject=subject, detail=dict(numbers)))
    await session.flush()


async def regions_with_openings(session: AsyncSession) -> list[str]:
    """The regions that can have matches or cells, in order."""
    query = select(SubjectRow.region).where(SubjectRow.kind == "opening", col(SubjectRow.ending).is_(None)).distinct()
    return sorted((await session.exec(query)).all())


async def stored_regions(
    session: AsyncSession, clock: Clock, regions: list[str], catalog: MarketCatalog
) -> AsyncIterator[RegionUnderRules]:
    """The markets of these regions one after the other, all of one moment when the session is a snapshot.

    `catalog` is the live one; all markets share it, and with it the closures that it remembers.
    """
    await _allow_thinking(session)
    for region in regions:
        market = replace(await live_market(session, clock, region), catalog=catalog)
        yield RegionUnderRules(region, market, await _yesterday(session, region))


async def _allow_thinking(session: AsyncSession) -> None:
    """Between two regions their evaluation takes its time; a snapshot holds no row that anybody else could wait for."""
    if session.get_bind().dialect.name == "postgresql":
        await session.exec(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # type: ignore[call-overload]


async def _yesterday(session: AsyncSession, region: str) -> dict[str, Level]:
    query = select(CellRow.subject, CellRow.previous_level).where(CellRow.region == region)
    return {subject: Level.of(level) for subject, level in (await session.exec(query)).all() if level is not None}
