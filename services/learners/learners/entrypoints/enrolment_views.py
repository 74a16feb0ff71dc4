"""Enrolments in answers."""

from learners.entrypoints.award_views import AwardView


class EnrolmentView(AwardView):
    """What a learner was enrolled for."""

    learner_id: str
