"""An employer publishes and revises openings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contracts.vocabulary import OpeningStatus
from makersync.identifiers import new_id
from makersync.remarks import Remark
from openings.application.changing import claim_opening, save_change
from openings.application.unit_of_work import Expectation, OpeningsUnitOfWork
from openings.domain import opening_life, opening_rules
from openings.domain.opening import Opening, Terms
from openings.domain.opening_life import Identity
from openings.domain.opening_remarks import Circumstances, remarks_on
from reference.places import REMOTE, Places, UnknownZip


@dataclass(frozen=True, slots=True)
class AcceptedOpening:
    """An opening that was published or revised, with the remarks on it."""

    opening: Opening
    remarks: Sequence[Remark]


async def publish_opening(uow: OpeningsUnitOfWork, employer_id: str, sent: Terms, filled: int) -> AcceptedOpening:
    """Raises RulesBroken, and NoSuchThing when there is no such employer."""
    await uow.employers.get(employer_id)
    moment = uow.moment()
    terms, region = await accepted_terms(uow, sent, filled, None)
    opening_rules.check_new_dates(terms, None, moment.today)
    identity = Identity(new_id("opn", moment.now), employer_id, region)
    change = opening_life.publish(identity, terms, filled, moment)
    remarks = await remarks_of(uow, sent, change.opening)
    await uow.openings.add(change.opening)
    await uow.announcements.record(change)
    return AcceptedOpening(change.opening, remarks)


async def revise_opening(
    uow: OpeningsUnitOfWork, opening_id: str, expects: Expectation, rewrite: Callable[[Terms], Terms]
) -> AcceptedOpening:
    """`rewrite` turns the current terms into the wanted ones. Raises RulesBroken, NoSuchThing, VersionMismatch."""
    opening = await claim_opening(uow, opening_id, expects)
    moment = uow.moment()
    sent = rewrite(opening.terms)
    terms, region = await accepted_terms(uow, sent, opening.filled, opening.terms.zip)
    opening_rules.check_new_dates(terms, opening.terms, moment.today)
    revised = await save_change(uow, opening, opening_life.revise(opening, terms, region, moment))
    return AcceptedOpening(revised, await remarks_of(uow, sent, revised))


async def accepted_terms(uow: OpeningsUnitOfWork, terms: Terms, filled: int, zip_before: str | None) -> tuple[Terms, str]:
    """The terms as they are stored, and the region of their place."""
    region = _region(uow.places, terms, zip_before)
    known = await uow.catalog.known_among(opening_rules.wanted_ids(terms))
    return opening_rules.accepted(terms, filled, region, known, uow.reference_values), region or REMOTE


def _region(places: Places, terms: Terms, zip_before: str | None) -> str | None:
    """None when the ZIP code is unknown. A ZIP code that the opening had before may come from an earlier reference table."""
    if terms.zip is None:
        return REMOTE
    if terms.zip != zip_before and not places.is_current(terms.zip):
        return None
    try:
        return places.point(terms.zip).region
    except UnknownZip:
        return None


async def remarks_of(uow: OpeningsUnitOfWork, sent: Terms, opening: Opening) -> Sequence[Remark]:
    """What a person would ask twice about in the terms that were sent."""
    posted = await uow.openings.posted_at(opening.employer_id, opening.terms) if opening.status is OpeningStatus.OPEN else ()
    others = [posting for posting in posted if posting.opening_id != opening.opening_id]
    circumstances = Circumstances(opening.region, uow.clock.today(), others)
    return remarks_on(sent, opening.terms, opening.filled, circumstances, uow.reference_values)
