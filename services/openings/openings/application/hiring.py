"""An employer says how a meeting ended: with a hire, which fills a position, or without; and takes a wrong hire back."""

from datetime import date

from openings.application.changing import save_change, save_introduction
from openings.application.unit_of_work import Expectation, OpeningsUnitOfWork
from openings.domain import introduction_life as life
from openings.domain import opening_life
from openings.domain.errors import NotNow
from openings.domain.introduction import IntroductionRequest, NotHiredReason
from openings.domain.introduction_rules import checked_hired_on
from openings.domain.opening import Opening


async def hire_person(
    uow: OpeningsUnitOfWork, introduction_id: str, expects: Expectation, hired_on: date | None
) -> IntroductionRequest:
    """End the introduction with a hire and fill a position. Raises RulesBroken, NotNow (also when another hire took the last
    position a moment before), NoSuchThing, and whatever `expects` raises."""
    introduction, opening = await _claim_both(uow, introduction_id)
    life.demand_accepted(introduction)
    if opening.remaining == 0:
        raise NotNow("no_position_left", "Every position of the opening is filled; revise positions first.")
    expects(introduction.shown_version)
    moment = uow.moment()
    change = life.hire(introduction, checked_hired_on(hired_on, moment.today), moment.now)
    hired = await save_introduction(uow, change)
    await save_change(uow, opening, opening_life.fill(opening, opening.filled + 1, moment))
    return hired


async def end_without_hire(
    uow: OpeningsUnitOfWork, introduction_id: str, expects: Expectation, reason: NotHiredReason
) -> IntroductionRequest:
    """Raises NotNow, NoSuchThing, and whatever `expects` raises."""
    introduction = await uow.introductions.claim(introduction_id)
    life.demand_accepted(introduction)
    expects(introduction.shown_version)
    return await save_introduction(uow, life.end_without_hire(introduction, reason, uow.clock.now()))


async def undo_hire(
    uow: OpeningsUnitOfWork, introduction_id: str, expects: Expectation, reopening: bool
) -> IntroductionRequest:
    """Take the hire and its filling back in one step. A filled opening is open again, a closed one with `reopening`. Raises
    NotNow, NoSuchThing, and whatever `expects` raises."""
    introduction, opening = await _claim_both(uow, introduction_id)
    life.demand_hired(introduction)
    expects(introduction.shown_version)
    moment = uow.moment()
    fewer = opening_life.fill(opening, max(opening.filled - 1, 0), moment, reopening)
    opening = await save_change(uow, opening, fewer)
    return await save_introduction(uow, life.undo_hire(introduction, opening, moment))


async def _claim_both(uow: OpeningsUnitOfWork, introduction_id: str) -> tuple[IntroductionRequest, Opening]:
    """Whoever changes an opening's introductions has locked the opening first, and then all that the step may end."""
    seen = await uow.introductions.get(introduction_id)
    opening = await uow.openings.claim(seen.opening_id)
    return await uow.introductions.claim_with_open(seen), opening
