"""What a person would ask twice about in an opening, before it is published or revised."""

from collections.abc import Sequence

from makersync.remarks import Remark
from openings.application.publishing import accepted_terms, remarks_of
from openings.application.unit_of_work import OpeningsUnitOfWork
from openings.domain import opening_life, opening_rules
from openings.domain.opening import Opening, Terms
from openings.domain.opening_life import Identity


async def review_new(uow: OpeningsUnitOfWork, employer_id: str, sent: Terms) -> Sequence[Remark]:
    """What publishing would remark; nothing is written. Raises RulesBroken as publishing does."""
    moment = uow.moment()
    terms, region = await accepted_terms(uow, sent, 0, None)
    opening_rules.check_new_dates(terms, None, moment.today)
    would_be = opening_life.publish(Identity("", employer_id, region), terms, 0, moment).opening
    return await remarks_of(uow, sent, would_be)


async def review_revision(uow: OpeningsUnitOfWork, opening: Opening, sent: Terms) -> Sequence[Remark]:
    """What a revision would remark that the opening as it is does not deserve. Raises RulesBroken as revising does."""
    moment = uow.moment()
    terms, region = await accepted_terms(uow, sent, opening.filled, opening.terms.zip)
    opening_rules.check_new_dates(terms, opening.terms, moment.today)
    change = opening_life.revise(opening, terms, region, moment)
    if change is None:
        return ()
    before = {(each.field, each.rule) for each in await remarks_of(uow, opening.terms, opening)}
    remarks = await remarks_of(uow, sent, change.opening)
    return [each for each in remarks if (each.field, each.rule) not in before]
