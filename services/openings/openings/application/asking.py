"""An employer asks to meet a candidate, and takes the question back."""

from dataclasses import dataclass
from datetime import date

from makersync.identifiers import new_id
from openings.application.changing import save_introduction
from openings.application.unit_of_work import Expectation, OpeningsUnitOfWork
from openings.domain import introduction_life as life
from openings.domain import introduction_rules as rules
from openings.domain.errors import IntroductionRateReached
from openings.domain.introduction import IntroductionRequest
from openings.domain.introduction_life import Invitation
from openings.domain.rates import A_DAY, demand_rate


@dataclass(frozen=True, slots=True)
class WantedIntroduction:
    """What the employer sends. Without `answer_by` the usual number of days is given for an answer."""

    learner_id: str
    message: str | None
    contact: str
    answer_by: date | None


async def ask_for_introduction(uow: OpeningsUnitOfWork, opening_id: str, asked: WantedIntroduction) -> IntroductionRequest:
    """The opening is locked, so that requests are counted and compared one after another. Raises RulesBroken, NotNow,
    IntroductionRateReached, NoSuchThing."""
    opening = await uow.openings.claim(opening_id)
    moment = uow.moment()
    rules.demand_short(message=asked.message, contact=asked.contact)
    answer_by = rules.checked_answer_by(asked.answer_by, moment.today)
    rules.demand_live(opening, moment.today)
    candidate = rules.demand_candidate(await uow.shortlists.one(opening_id, asked.learner_id))
    rules.demand_first(await uow.introductions.of_pair(opening_id, asked.learner_id))
    recent = await uow.introductions.asked_since(opening_id, moment.now - A_DAY)
    demand_rate(recent, uow.introduction_limits.a_day, moment.now, IntroductionRateReached)
    employer = await uow.employers.get(opening.employer_id)
    said = Invitation(asked.message, asked.contact, answer_by)
    change = life.ask(new_id("int", moment.now), opening, employer, candidate, said, moment.now)
    await uow.introductions.add(change.introduction)
    await uow.introduction_announcements.record(change)
    return change.introduction


async def withdraw_introduction(uow: OpeningsUnitOfWork, introduction_id: str, expects: Expectation) -> IntroductionRequest:
    """Raises NotNow, NoSuchThing, and whatever `expects` raises."""
    introduction = await uow.introductions.claim(introduction_id)
    life.demand_open(introduction)
    expects(introduction.shown_version)
    return await save_introduction(uow, life.withdraw(introduction, uow.clock.now()))
