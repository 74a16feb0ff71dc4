"""Where an introduction stands (decision 0060): one pure function of the newest record of each side, the same in every service.

Whatever order the records of both topics arrive in, whoever has the newest of each comes to the same answer.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Side = Literal["employer", "learner"]


class IntroductionStatus(StrEnum):
    """Where an introduction stands. It is open while it is `asked` or `accepted`."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    HIRED = "hired"
    NOT_HIRED = "not_hired"

    @property
    def is_open(self) -> bool:
        return self in (IntroductionStatus.ASKED, IntroductionStatus.ACCEPTED)


@dataclass(frozen=True, slots=True)
class IntroductionStanding:
    """`side` is the side whose record decides, None while nobody has answered; `reason` is that record's."""

    status: IntroductionStatus
    side: Side | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SideState:
    """What decides of the newest record of one side: its status and reason, with the values of contracts.introductions."""

    status: str
    reason: str | None = None


#: The ends by the employer that nothing from the other side changes: a hire that is disputed is settled by undoing it.
_EMPLOYER_ENDS = ("hired", "not_hired")
_LEARNER_ENDS = ("declined", "lapsed", "withdrawn")


def introduction_standing(request: SideState, answer: SideState | None) -> IntroductionStanding:
    """The first that applies: hired or not hired; declined, lapsed or withdrawn by the learner's side; withdrawn by the
    employer's side; accepted; asked."""
    if request.status in _EMPLOYER_ENDS:
        return IntroductionStanding(IntroductionStatus(request.status), "employer", request.reason)
    if answer is not None and answer.status in _LEARNER_ENDS:
        return IntroductionStanding(IntroductionStatus(answer.status), "learner", answer.reason)
    if request.status == "withdrawn":
        return IntroductionStanding(IntroductionStatus.WITHDRAWN, "employer", request.reason)
    if answer is not None and answer.status == "accepted":
        return IntroductionStanding(IntroductionStatus.ACCEPTED, "learner")
    return IntroductionStanding(IntroductionStatus.ASKED)
