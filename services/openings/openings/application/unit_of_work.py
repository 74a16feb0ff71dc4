"""The unit of work: what a handler is given, and all that it does is one transaction."""

from collections.abc import Callable
from dataclasses import dataclass

from makersync.clock import Clock
from makersync.operator_log import OperatorLog
from openings.application.ports import (
    Announcements,
    CatalogCopy,
    DraftAnnouncements,
    Drafts,
    Employers,
    EndingNotices,
    IntroductionAnnouncements,
    Introductions,
    Openings,
    Previews,
    Shortlists,
)
from openings.domain.introduction import IntroductionLimits
from openings.domain.opening_life import Moment
from openings.domain.opening_rules import ReferenceValues
from openings.domain.preview import PreviewLimits
from reference.places import Places

#: Called with the current version. Raises an error of the caller's protocol unless the caller knows that version.
Expectation = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class OpeningsUnitOfWork:
    """Everything that one handler needs, in one transaction."""

    openings: Openings
    employers: Employers
    catalog: CatalogCopy
    announcements: Announcements
    ending_notices: EndingNotices
    shortlists: Shortlists
    introductions: Introductions
    introduction_announcements: IntroductionAnnouncements
    previews: Previews
    drafts: Drafts
    draft_announcements: DraftAnnouncements
    log: OperatorLog
    clock: Clock
    places: Places
    reference_values: ReferenceValues
    introduction_limits: IntroductionLimits
    preview_limits: PreviewLimits

    def moment(self) -> Moment:
        return Moment(self.clock.now(), self.clock.today())
