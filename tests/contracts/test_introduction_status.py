"""Where an introduction stands: every combination of both sides' newest records has one answer."""

from itertools import product
from typing import get_args, get_type_hints

import pytest

from contracts.introduction_status import IntroductionStanding, IntroductionStatus, SideState, introduction_standing
from contracts.introductions import IntroductionAnswerState, IntroductionRequestState

REQUESTS = get_args(get_type_hints(IntroductionRequestState)["status"])
ANSWERS = (None, *get_args(get_type_hints(IntroductionAnswerState)["status"]))

#: By what the employer's side says: where it stands without an answer, and with each answer.
EXPECTED = {
    "asked": ("asked", "accepted", "declined", "lapsed", "withdrawn"),
    "withdrawn": ("withdrawn", "withdrawn", "declined", "lapsed", "withdrawn"),
    "hired": ("hired",) * 5,
    "not_hired": ("not_hired",) * 5,
}


def test_the_table_names_every_status_of_the_contract() -> None:
    """A status that is added to the contract needs an answer here."""
    assert set(REQUESTS) == set(EXPECTED)
    assert ANSWERS == (None, "accepted", "declined", "lapsed", "withdrawn")


@pytest.mark.parametrize(("request_status", "answer_status"), list(product(REQUESTS, ANSWERS)))
def test_every_pair_of_records_has_one_answer(request_status: str, answer_status: str | None) -> None:
    """A service that decided otherwise would show another state than its neighbour."""
    answer = None if answer_status is None else SideState(answer_status)
    standing = introduction_standing(SideState(request_status), answer)
    assert standing.status.value == EXPECTED[request_status][ANSWERS.index(answer_status)]


def test_an_introduction_is_open_while_it_is_asked_or_accepted() -> None:
    """Only an open one can be answered, withdrawn or ended."""
    assert [each.value for each in IntroductionStatus if each.is_open] == ["asked", "accepted"]


def test_the_reason_is_that_of_the_side_which_decides() -> None:
    """When both sides end it, the employer is shown the learner's reason and not its own."""
    request = SideState("withdrawn", "employer_withdrew")
    ended = introduction_standing(request, SideState("declined", "timing"))
    assert ended == IntroductionStanding(IntroductionStatus.DECLINED, "learner", "timing")
    closed = introduction_standing(request, SideState("accepted"))
    assert closed == IntroductionStanding(IntroductionStatus.WITHDRAWN, "employer", "employer_withdrew")


def test_a_hire_that_is_undone_stands_where_the_answer_left_it() -> None:
    """Undoing makes the request `asked` again, and the acceptance counts as before."""
    accepted = SideState("accepted")
    assert introduction_standing(SideState("hired"), accepted).status is IntroductionStatus.HIRED
    assert introduction_standing(SideState("asked"), accepted).status is IntroductionStatus.ACCEPTED
