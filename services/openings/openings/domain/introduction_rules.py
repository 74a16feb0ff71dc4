"""Who may be asked for, and until when an answer may be awaited (decision 0060)."""

from collections.abc import Iterable
from datetime import date, timedelta

from contracts.wire import LONGEST_TEXT
from openings.domain.errors import NotNow, RulesBroken, Violation
from openings.domain.introduction import IntroductionRequest, RequestStatus
from openings.domain.opening import Opening
from openings.domain.shortlist import Candidate, FormerCandidate

#: Without another date the provider has so many days for the answer.
USUAL_DAYS = 7
#: A candidate does not wait longer for an employer to decide.
MOST_DAYS = 60
#: A hire is reported within a year.
LONGEST_AGO = timedelta(days=366)


def checked_answer_by(wanted: date | None, today: date) -> date:
    """The last date on which an answer counts. Raises RulesBroken when it has passed, or is too far ahead."""
    if wanted is None:
        return today + timedelta(days=USUAL_DAYS)
    if wanted < today:
        detail = f"must not be before today, {today.isoformat()} in the deployment's time zone"
        raise RulesBroken([Violation(("answer_by",), "past_date", detail)])
    if wanted - today > timedelta(days=MOST_DAYS):
        raise RulesBroken([Violation(("answer_by",), "far_ahead", f"must not be more than {MOST_DAYS} days ahead")])
    return wanted


def demand_short(**texts: str | None) -> None:
    """Raises RulesBroken. A text may have grown when it was brought into one form (NFC)."""
    broken = [name for name, text in texts.items() if text is not None and len(text) > LONGEST_TEXT]
    if broken:
        raise RulesBroken([Violation((name,), "too_long", f"must have at most {LONGEST_TEXT} characters") for name in broken])


def checked_hired_on(wanted: date | None, today: date) -> date:
    """The date of the hire, today unless another is given. Raises RulesBroken for one after today or long ago."""
    hired_on = wanted or today
    if hired_on > today:
        raise RulesBroken([Violation(("hired_on",), "future_date", "must not be after today")])
    if today - hired_on > LONGEST_AGO:
        raise RulesBroken([Violation(("hired_on",), "too_early", f"must not be more than {LONGEST_AGO.days} days ago")])
    return hired_on


def demand_live(opening: Opening, today: date) -> None:
    """Raises NotNow when nobody is matched to the opening today."""
    if not opening.live(today):
        raise NotNow("opening_not_live", "The opening is closed or filled, or its closing date has passed.")


def demand_candidate(found: Candidate | FormerCandidate | None) -> Candidate:
    """The candidate, if on the shortlist at this moment. Raises NotNow with the reason why not, if it is known."""
    if isinstance(found, Candidate):
        return found
    why = "" if found is None else f": the match ended ({found.reason})"
    raise NotNow("not_on_shortlist", f"This learner is not on the opening's shortlist{why}.")


def demand_first(others: Iterable[IntroductionRequest]) -> None:
    """Raises NotNow when one of the earlier introductions of the same opening and learner goes on, was refused, or ended with a
    hire."""
    for other in others:
        if other.standing.status.is_open:
            raise NotNow("introduction_open", f"There is one already: {other.introduction_id}.")
        if other.status is RequestStatus.HIRED:
            raise NotNow("hired_already", f"This person was hired: {other.introduction_id}.")
        if other.refused or (other.answer is not None and other.answer.is_no):
            raise NotNow("refused_before", f"The answer was no: {other.introduction_id}.")
