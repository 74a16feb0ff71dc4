"""Enrolments in answers."""

from learners.entrypoints.award_views import AwardView
from learners.entrypoints.ids import LearnerId


class EnrolmentView(AwardView):
    """The award that a learner was enrolled for, in progress or earned since."""

    learner_id: LearnerId
