"""The life of an opening: each step is a pure function from one version to the next (MARKET.md section 3)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from contracts.vocabulary import OpeningStatus
from openings.domain.errors import NotNow, RulesBroken, Violation
from openings.domain.opening import Opening, Terms
from openings.domain.opening_rules import check_filled


class OpeningEventKind(StrEnum):
    """The types of events on `openings.opening.v1`."""

    PUBLISHED = "OpeningPublished"
    REVISED = "OpeningRevised"
    FILLED = "PositionsFilled"
    CLOSED = "OpeningClosed"
    REOPENED = "OpeningReopened"
    EXPIRED = "OpeningExpired"


@dataclass(frozen=True, slots=True)
class Change:
    """An opening at its next version, and what happened to it."""

    opening: Opening
    kind: OpeningEventKind


@dataclass(frozen=True, slots=True)
class Moment:
    """When a step is taken: the instant, and the market's date."""

    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Identity:
    """What never changes about an opening."""

    opening_id: str
    employer_id: str
    region: str


def publish(identity: Identity, terms: Terms, filled: int, moment: Moment) -> Change:
    """A new opening at version 1. `terms` must have passed the rules."""
    opening = Opening(
        opening_id=identity.opening_id,
        employer_id=identity.employer_id,
        region=identity.region,
        terms=terms,
        filled=filled,
        status=_status(terms.positions, filled),
        version=1,
        groups_version=1,
        published_at=moment.now,
        changed_at=moment.now,
    )
    return Change(opening, OpeningEventKind.PUBLISHED)


def revise(opening: Opening, terms: Terms, region: str, moment: Moment) -> Change | None:
    """Replace the terms by others that have passed the rules; None when they are the same. `region` is that of their place.

    A job that stays where it is keeps its region, whatever a newer table of places says. Raises RulesBroken when it moves into
    another one.
    """
    if terms == opening.terms:
        return None
    moves = (terms.zip, terms.remote) != (opening.terms.zip, opening.terms.remote)
    if moves and region != opening.region:
        raise RulesBroken([Violation(("zip",), "same_region", "a job that moves is closed and published as a new opening")])
    status = OpeningStatus.CLOSED if opening.status is OpeningStatus.CLOSED else _status(terms.positions, opening.filled)
    version = opening.version + 1
    groups_version = opening.groups_version if terms.groups == opening.terms.groups else version
    revised = replace(
        opening, terms=terms, status=status, version=version, groups_version=groups_version, changed_at=moment.now
    )
    return Change(revised, OpeningEventKind.REVISED)


def fill(opening: Opening, filled: int, moment: Moment, reopening: bool = False) -> Change | None:
    """Set the number of filled positions; None when it stays the same.

    An opening becomes filled with its last position, and open again when the number goes down. A closed opening stays closed
    unless `reopening` is set.

    Raises RulesBroken when `filled` is out of range, and NotNow when a reopened opening would not be live.
    """
    check_filled(opening.terms.positions, filled)
    corrected = replace(opening, filled=filled)
    if opening.status is not OpeningStatus.CLOSED:
        corrected = replace(corrected, status=_status(opening.terms.positions, filled))
    elif reopening:
        return reopen(corrected, moment)
    return None if corrected == opening else _next(corrected, OpeningEventKind.FILLED, moment)


def check_named_hires(filled: int, hires: int) -> None:
    """Raises NotNow when fewer positions than known hires would be filled."""
    if 0 <= filled < hires:
        raise NotNow("filled_by_hires", f"{hires} positions were filled by hires: undo a hire to take its filling back.")


def close(opening: Opening, moment: Moment) -> Change:
    """Raises NotNow when the opening is already closed."""
    if opening.status is OpeningStatus.CLOSED:
        raise NotNow("closed", "The opening is closed already.")
    return _next(replace(opening, status=OpeningStatus.CLOSED), OpeningEventKind.CLOSED, moment)


def reopen(opening: Opening, moment: Moment) -> Change:
    """Raises NotNow when the opening is not closed, or would not be live: all positions are filled, or the closing date has
    passed."""
    if opening.status is not OpeningStatus.CLOSED:
        raise NotNow("not_closed", "Only a closed opening is reopened.")
    if opening.remaining == 0:
        raise NotNow("all_filled", "No position remains; revise positions first.")
    if opening.expired(moment.today):
        raise NotNow("closing_date_passed", "Its closing date has passed; revise closes_on first.")
    return _next(replace(opening, status=OpeningStatus.OPEN), OpeningEventKind.REOPENED, moment)


def announce_expiry(opening: Opening, moment: Moment) -> Change | None:
    """Announce once for each closing date that it has passed. The status stays open: matching goes by the date itself."""
    announced = opening.expiry_announced_for == opening.terms.closes_on
    if opening.status is not OpeningStatus.OPEN or announced or not opening.expired(moment.today):
        return None
    return _next(replace(opening, expiry_announced_for=opening.terms.closes_on), OpeningEventKind.EXPIRED, moment)


def take_back_expiry(opening: Opening, moment: Moment) -> Change | None:
    """Announce that the opening is open after all: its expiry was announced, but its closing date has not passed."""
    announced = opening.expiry_announced_for is not None and opening.expiry_announced_for == opening.terms.closes_on
    if opening.status is not OpeningStatus.OPEN or not announced or opening.expired(moment.today):
        return None
    return _next(replace(opening, expiry_announced_for=None), OpeningEventKind.REOPENED, moment)


def _next(opening: Opening, kind: OpeningEventKind, moment: Moment) -> Change:
    return Change(replace(opening, version=opening.version + 1, changed_at=moment.now), kind)


def _status(positions: int, filled: int) -> OpeningStatus:
    return OpeningStatus.FILLED if filled == positions else OpeningStatus.OPEN
