"""The events of introductions: what the employer's side may know of the answer, and nothing that identifies the learner."""

from contracts.introductions import IntroductionAnswerState
from contracts.topics import INTRODUCTION_ANSWER
from learners.adapters.introduction_rows import answer_columns
from learners.domain.introduction import Introduction, IntroductionEvent
from makersync.effects.outbox import NewEvent


def answer_state(columns: dict[str, object]) -> IntroductionAnswerState:
    """`columns` are those of an answer's row."""
    return IntroductionAnswerState.model_validate({name: columns[name] for name in IntroductionAnswerState.model_fields})


def answer_event(introduction: Introduction, kind: IntroductionEvent) -> NewEvent:
    """Raises ValueError for an introduction that nobody has answered."""
    answer = introduction.answer
    if answer is None:
        raise ValueError("nobody has answered yet")
    state = answer_state(answer_columns(introduction, answer))
    return NewEvent(INTRODUCTION_ANSWER, kind.value, introduction.introduction_id, introduction.region, answer.version, state)
