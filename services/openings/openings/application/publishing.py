"""An employer publishes and revises openings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from makersync.identifiers import new_id
from makersync.remarks import Remark
from openings.application.ports import Expectation, OpeningsUnitOfWork
from openings.domain import life, rules
from openings.domain.life import Change, Identity
from openings.domain.opening import Opening, Status, Terms
from openings.domain.remarks import Circumstances, remarks_on
from reference.places import REMOTE, Places, UnknownZip


@dataclass(frozen=True, slots=True)
class AcceptedOpening:
    """An opening as it stands after what was said of it, and what there is to remark on that."""

    opening: Opening
    remarks: Sequence[Remark]


async def publish_opening(desk: OpeningsUnitOfWork, employer_id: str, sent: Terms, filled: int) -> AcceptedOpening:
    """Raises RulesBroken, or NotFound when there is no such employer."""
    await desk.employers.get(employer_id)
    moment = desk.moment()
    terms, region = await _accepted(desk, sent, filled, None)
    rules.check_new_dates(terms, None, moment.today)
    identity = Identity(new_id("opn", moment.now), employer_id, region)
    change = life.publish(identity, terms, filled, moment)
    remarks = await _remarks(desk, sent, change.opening)
    await desk.openings.add(change.opening)
    await desk.announcements.record(change)
    return AcceptedOpening(change.opening, remarks)


async def revise_opening(
    desk: OpeningsUnitOfWork, opening_id: str, expects: Expectation, rewrite: Callable[[Terms], Terms]
) -> AcceptedOpening:
    """`rewrite` turns the terms as they are into those wanted. Raises RulesBroken, NotFound, Stale."""
    opening = await opening_at(desk, opening_id, expects)
    moment = desk.moment()
    sent = rewrite(opening.terms)
    terms, region = await _accepted(desk, sent, opening.filled, opening.terms.zip)
    rules.check_new_dates(terms, opening.terms, moment.today)
    revised = await keep(desk, opening, life.revise(opening, terms, region, moment))
    return AcceptedOpening(revised, await _remarks(desk, sent, revised))


async def opening_at(desk: OpeningsUnitOfWork, opening_id: str, expects: Expectation) -> Opening:
    """The opening, if it is at a version that the caller knows. Raises NotFound, and what `expects` raises."""
    opening = await desk.openings.claim(opening_id)
    expects(opening.version)
    return opening


async def keep(desk: OpeningsUnitOfWork, opening: Opening, change: Change | None) -> Opening:
    """Save and announce a change of `opening`; without one nothing is written."""
    if change is None:
        return opening
    await desk.openings.save(change.opening)
    await desk.announcements.record(change)
    return change.opening


async def _remarks(desk: OpeningsUnitOfWork, sent: Terms, opening: Opening) -> Sequence[Remark]:
    posted = await desk.openings.posted_at(opening.employer_id, opening.terms) if opening.status is Status.OPEN else ()
    others = [posting for posting in posted if posting.opening_id != opening.opening_id]
    around = Circumstances(opening.region, desk.clock.today(), others)
    return remarks_on(sent, opening.terms, opening.filled, around, desk.yardsticks)


async def _accepted(desk: OpeningsUnitOfWork, terms: Terms, filled: int, zip_before: str | None) -> tuple[Terms, str]:
    """The terms as they are kept, and the region of their place."""
    region = _region(desk.places, terms, zip_before)
    known = await desk.definitions.known_among(rules.wanted_ids(terms))
    return rules.accepted(terms, filled, region, known, desk.yardsticks), region or REMOTE


def _region(places: Places, terms: Terms, zip_before: str | None) -> str | None:
    """None when the ZIP code is not in the reference table; one that was said before may be from an earlier table."""
    if terms.zip is None:
        return REMOTE
    if terms.zip != zip_before and not places.is_current(terms.zip):
        return None
    try:
        return places.point(terms.zip).region
    except UnknownZip:
        return None
