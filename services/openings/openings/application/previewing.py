"""An employer asks how many learners an opening would reach before it publishes it (decision 0062)."""

from collections.abc import Sequence
from dataclasses import dataclass

from makersync.identifiers import new_id
from makersync.remarks import Remark
from openings.application.publishing import accepted_terms, remarks_of
from openings.application.unit_of_work import OpeningsUnitOfWork
from openings.domain import opening_life, opening_rules
from openings.domain.draft import end, next_draft
from openings.domain.errors import NoSuchThing, PreviewRateReached
from openings.domain.opening import Terms
from openings.domain.opening_life import Identity
from openings.domain.preview import Preview
from openings.domain.rates import A_DAY, demand_rate


@dataclass(frozen=True, slots=True)
class AcceptedPreview:
    """A preview that was asked for, with the remarks that the opening would get."""

    preview: Preview
    remarks: Sequence[Remark]


async def ask_for_preview(uow: OpeningsUnitOfWork, employer_id: str, sent: Terms, filled: int) -> AcceptedPreview:
    """The employer is locked, so that its previews are counted one after another. Raises RulesBroken, RateReached of
    either kind, and NoSuchThing when there is no such employer."""
    if await uow.employers.claim(employer_id) is None:
        raise NoSuchThing("employer")
    moment = uow.moment()
    terms, region = await accepted_terms(uow, sent, filled, None)
    opening_rules.check_new_dates(terms, None, moment.today)
    recent = await uow.previews.asked_since(employer_id, moment.now - A_DAY)
    demand_rate(recent, uow.preview_limits.a_day, moment.now, PreviewRateReached)
    preview = Preview(
        preview_id=new_id("pvw", moment.now),
        employer_id=employer_id,
        region=region,
        asked_at=moment.now,
        groups=terms.groups,
    )
    drafts = await uow.drafts.claim_of(employer_id)
    draft = next_draft(drafts, (employer_id, region), preview.preview_id, uow.preview_limits, moment.now)
    await uow.previews.add(preview)
    await uow.drafts.submit(draft, terms)
    await uow.draft_announcements.submitted(draft, terms)
    would_be = opening_life.publish(Identity(draft.draft_id, employer_id, region), terms, 0, moment).opening
    return AcceptedPreview(preview, await remarks_of(uow, sent, would_be))


async def give_up_previews(uow: OpeningsUnitOfWork, most: int) -> Sequence[str]:
    """End up to `most` drafts that have waited for too long. Returns the region of each."""
    now = uow.clock.now()
    overdue = await uow.drafts.claim_overdue(now - uow.preview_limits.wait, most)
    for draft in overdue:
        await uow.previews.give_up(draft.preview_id or "")
        ended = end(draft, now)
        await uow.drafts.end(ended)
        await uow.draft_announcements.ended(ended)
    return [draft.region for draft in overdue]


async def previews_left(uow: OpeningsUnitOfWork, employer_id: str) -> int:
    """How many more the employer may ask for now."""
    recent = await uow.previews.asked_since(employer_id, uow.clock.now() - A_DAY)
    return max(0, uow.preview_limits.a_day - len(recent))
