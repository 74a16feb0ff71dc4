"""Operators keep the register of accreditations; evidence follows it, in batches that survive a crash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from learners.application.errors import Absent
from learners.application.ports import Expectation, LearnersUnitOfWork
from learners.application.registration import keep
from learners.domain import accreditation as accreditations
from learners.domain.accreditation import Accreditation, derive_again
from learners.domain.catalog import issuer_key
from learners.domain.errors import RuleBroken
from learners.domain.learner import Learner
from makersync.identifiers import new_id
from makersync.remarks import Remark

#: Learners of one transaction: each is a version and an event a region, and others wait for their rows meanwhile.
REDERIVED_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Grant:
    """`since` None: every award that the provider has recorded counts."""

    provider_id: str
    issuer: str
    since: date | None = None
    until: date | None = None


async def grant_accreditation(desk: LearnersUnitOfWork, wanted: Grant) -> Accreditation:
    """Raises RuleBroken."""
    now = desk.clock.now()
    granted = accreditations.grant(
        Accreditation(new_id("acc", now), wanted.provider_id, wanted.issuer, wanted.since, wanted.until), desk.clock.today()
    )
    await _demand_known(desk, granted)
    await desk.register.add(granted)
    await desk.register.request_rederivation(granted.provider_id, granted.issuer, now)
    desk.log.note("accreditation_granted", granted.accreditation_id, _named(granted))
    return granted


async def end_accreditation(
    desk: LearnersUnitOfWork, accreditation_id: str, expects: Expectation, retroactive: bool
) -> Accreditation:
    """What was recorded while it was in force stays verified, unless it ends retroactively. Raises Absent, NotPossible."""
    accreditation = await desk.register.hold(accreditation_id)
    expects(accreditation.version)
    ended = accreditations.end(accreditation, desk.clock.now(), retroactive)
    await desk.register.save(ended)
    await desk.register.request_rederivation(ended.provider_id, ended.issuer, desk.clock.now())
    action = "accreditation_ended_retroactively" if retroactive else "accreditation_ended"
    desk.log.note(action, accreditation_id, _named(ended))
    return ended


async def remarks_on(desk: LearnersUnitOfWork, accreditation: Accreditation) -> list[Remark]:
    """Another one of the provider for the issuer goes on when this one ends."""
    known, today = await desk.register.seen(accreditation.provider_id, accreditation.issuer), desk.clock.today()
    others = [one.accreditation_id for one in known if one.lasts(today)]
    return [
        Remark("issuer", "same_accreditation", f"accreditation {one} of the provider covers it too")
        for one in others
        if one != accreditation.accreditation_id
    ]


async def rederive_some(desk: LearnersUnitOfWork) -> bool:
    """Derive the evidence of a batch of learners again; whether there may be more to do. Raises Stale."""
    pending = await desk.register.next_rederivation()
    if pending is None:
        return False
    learners = await desk.learners.with_award_of(pending.provider_id, pending.issuer, pending.after_learner, REDERIVED_AT_ONCE)
    register = await desk.register.of(pending.provider_id, pending.issuer)
    of_issuer = await _credentials_of(desk, pending.issuer, learners)
    changed = [derive_again(learner, dict.fromkeys(of_issuer, register)) for learner in learners]
    for before, after in zip(learners, changed, strict=True):
        await keep(desk, before, after)
    last = learners[-1].learner_id if learners else pending.after_learner
    done_at = desk.clock.now() if len(learners) < REDERIVED_AT_ONCE else None
    await desk.register.advance(pending, last, sum(after is not None for after in changed), done_at)
    return True


async def _credentials_of(desk: LearnersUnitOfWork, issuer: str, learners: Sequence[Learner]) -> list[str]:
    """The credentials of the issuer among those that the learners were awarded."""
    awarded = {award.credential for learner in learners for award in learner.awards}
    published = await desk.catalog.credentials(awarded)
    return [name for name, credential in published.items() if issuer_key(credential.definition.issuer) == issuer_key(issuer)]


async def _demand_known(desk: LearnersUnitOfWork, granted: Accreditation) -> None:
    try:
        await desk.providers.get(granted.provider_id)
    except Absent:
        raise RuleBroken("provider_id", "unknown", "is not a provider") from None
    if not await desk.catalog.origins(granted.issuer):
        raise RuleBroken("issuer", "unknown", "no credential of the catalog is of this issuer")


def _named(accreditation: Accreditation) -> dict[str, str]:
    return {"provider_id": accreditation.provider_id, "issuer": accreditation.issuer}
