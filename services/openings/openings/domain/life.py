"""The life of an opening: each step is a pure function from one version to the next (MARKET.md section 3)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from openings.domain.opening import Opening, Status, Terms
from openings.domain.refusals import NotNow, RulesBroken, Violation
from openings.domain.rules import of_the_filled


class Happened(StrEnum):
    """What an event on `openings.opening.v1` says."""

    PUBLISHED = "OpeningPublished"
    REVISED = "OpeningRevised"
    FILLED = "PositionsFilled"
    CLOSED = "OpeningClosed"
    REOPENED = "OpeningReopened"
    EXPIRED = "OpeningExpired"


@dataclass(frozen=True, slots=True)
class Change:
    """An opening as it now is, and what happened to it. Its version is the one before plus one."""

    opening: Opening
    happened: Happened


@dataclass(frozen=True, slots=True)
class Moment:
    """When a step is taken: the instant, and the market's date."""

    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Identity:
    """What an opening keeps all its life."""

    opening_id: str
    employer_id: str
    region: str


def publish(identity: Identity, terms: Terms, filled: int, moment: Moment) -> Change:
    """A new opening at version 1; `terms` have passed the rules."""
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
    return Change(opening, Happened.PUBLISHED)


def revise(opening: Opening, terms: Terms, region: str, moment: Moment) -> Change | None:
    """New terms, which have passed the rules; None when nothing differs. Raises RulesBroken when the region would change."""
    if terms == opening.terms:
        return None
    if region != opening.region:
        raise RulesBroken([Violation(("zip",), "same_region", "a job that moves is closed and published anew")])
    status = Status.CLOSED if opening.status is Status.CLOSED else _status(terms.positions, opening.filled)
    version = opening.version + 1
    groups_version = opening.groups_version if terms.groups == opening.terms.groups else version
    revised = replace(
        opening, terms=terms, status=status, version=version, groups_version=groups_version, changed_at=moment.now
    )
    return Change(revised, Happened.REVISED)


def fill(opening: Opening, filled: int, moment: Moment, reopening: bool = False) -> Change | None:
    """`filled` positions are filled now, more or fewer than before; None when as many. The last one fills the opening,
    a correction downwards reopens it. One that was closed stays so unless it is `reopening`.

    Raises RulesBroken when `filled` is out of range, NotNow when it is to reopen and would not be live.
    """
    if violations := list(of_the_filled(opening.terms.positions, filled)):
        raise RulesBroken(violations)
    corrected = replace(opening, filled=filled)
    if opening.status is not Status.CLOSED:
        corrected = replace(corrected, status=_status(opening.terms.positions, filled))
    elif reopening:
        return reopen(corrected, moment)
    return None if corrected == opening else _next(corrected, Happened.FILLED, moment)


def close(opening: Opening, moment: Moment) -> Change:
    """Raises NotNow when it is closed already."""
    if opening.status is Status.CLOSED:
        raise NotNow("The opening is closed already.")
    return _next(replace(opening, status=Status.CLOSED), Happened.CLOSED, moment)


def reopen(opening: Opening, moment: Moment) -> Change:
    """Raises NotNow when it is not closed, or would not be live: all positions filled, or its closing date passed."""
    if opening.status is not Status.CLOSED:
        raise NotNow("Only a closed opening is reopened.")
    if opening.remaining == 0:
        raise NotNow("No position remains; revise positions first.")
    if opening.expired(moment.today):
        raise NotNow("Its closing date has passed; revise closes_on first.")
    return _next(replace(opening, status=Status.OPEN), Happened.REOPENED, moment)


def tell_expired(opening: Opening, moment: Moment) -> Change | None:
    """Tell once per closing date that it has passed. The status stays open: an opening is withdrawn by the date."""
    told = opening.expiry_told == opening.terms.closes_on
    if opening.status is not Status.OPEN or told or not opening.expired(moment.today):
        return None
    return _next(replace(opening, expiry_told=opening.terms.closes_on), Happened.EXPIRED, moment)


def take_back_expiry(opening: Opening, moment: Moment) -> Change | None:
    """Tell that an opening has not expired, where that was told and its closing date has not passed on the moment's date."""
    told = opening.expiry_told is not None and opening.expiry_told == opening.terms.closes_on
    if opening.status is not Status.OPEN or not told or opening.expired(moment.today):
        return None
    return _next(replace(opening, expiry_told=None), Happened.REOPENED, moment)


def _next(opening: Opening, happened: Happened, moment: Moment) -> Change:
    return Change(replace(opening, version=opening.version + 1, changed_at=moment.now), happened)


def _status(positions: int, filled: int) -> Status:
    return Status.FILLED if filled == positions else Status.OPEN
