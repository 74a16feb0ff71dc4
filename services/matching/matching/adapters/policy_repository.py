"""The versions of the policy as they are stored."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.errors import OperatorError
from makersync.store.tables import AuditRow
from matching.adapters.catalog_repository import load_catalog
from matching.adapters.partition_standing import market_day
from matching.adapters.policy_tables import PolicyRow
from matching.domain.evaluation.proposed_rules import ProposedRules
from matching.domain.market.policy import Policy
from matching.domain.rules.profile import Rules
from reference.places import load_places


async def live_policy(session: AsyncSession) -> Policy:
    """The policy with the highest version; the default one where none was ever stored."""
    version = (await session.exec(select(func.max(PolicyRow.version)))).one()
    if version is None:
        return Policy()
    row = (await session.exec(select(PolicyRow).where(PolicyRow.version == version))).one()
    return Policy.from_dict(row.document)


async def live_rules(session: AsyncSession, clock: Clock) -> Rules:
    """The rules that evaluations go by now."""
    return Rules(await load_catalog(session), await live_policy(session), load_places(), await market_day(session, clock))


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


async def require_policy(session: AsyncSession, newest: int) -> None:
    """Raises OperatorError when the topics name a policy version above the live one: evaluating by an older policy would
    withdraw and re-score what is right."""
    live = await live_policy(session)
    if live.version < newest:
        raise OperatorError(
            f"The topics name policy {newest}, but the newest in the database is {live.version}. Nothing was changed. "
            f"Restore its numbers first: `makersync policy restore FILE --version {newest}`; or use the default policy: "
            f"`makersync policy restore --default --version {newest + 1}`."
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
