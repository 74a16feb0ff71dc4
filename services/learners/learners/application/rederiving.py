"""The evidence of awards follows the accreditations, in batches that survive a crash."""

from collections.abc import Sequence

from learners.application.changing import save_change
from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.accreditation import derive_again, with_other_evidence
from learners.domain.catalog import issuer_key
from learners.domain.learner import Learner

#: Learners of one transaction. Each becomes a new version with one event for each region, and stays locked until the end.
REDERIVED_AT_ONCE = 50


async def rederive_some(uow: LearnersUnitOfWork) -> bool:
    """Derive the evidence of a batch of learners again. Returns whether there may be more to do. Raises Stale."""
    pending = await uow.accreditations.claim_rederivation()
    if pending is None:
        return False
    learners = await uow.learners.claim_with_award_of(
        pending.provider_id, pending.issuer, pending.after_learner, REDERIVED_AT_ONCE
    )
    accreditations = await uow.accreditations.claim_all(pending.provider_id, pending.issuer)
    of_issuer = await _credentials_of(uow, pending.issuer, learners)
    changed = [derive_again(learner, dict.fromkeys(of_issuer, accreditations), uow.clock.date_of) for learner in learners]
    for before, after in zip(learners, changed, strict=True):
        saved = await save_change(uow, before, after)
        await uow.feeds.evidence_changed(saved, with_other_evidence(before, saved))
    last = learners[-1].learner_id if learners else pending.after_learner
    done_at = uow.clock.now() if len(learners) < REDERIVED_AT_ONCE else None
    await uow.accreditations.advance(pending, last, sum(after is not None for after in changed), done_at)
    return True


async def _credentials_of(uow: LearnersUnitOfWork, issuer: str, learners: Sequence[Learner]) -> list[str]:
    """The credentials of the issuer among those that the learners were awarded."""
    awarded = {award.credential for learner in learners for award in learner.awards}
    published = await uow.catalog.credentials(awarded)
    return [name for name, credential in published.items() if issuer_key(credential.definition.issuer) == issuer_key(issuer)]
