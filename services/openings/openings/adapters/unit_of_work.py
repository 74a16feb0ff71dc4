"""Makes units of work: the handlers' repositories and outbox, bound to one transaction and to what the caller may see."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.outbox import Outbox
from makersync.runtime.service import Context
from makersync.store.operator_log import SqlOperatorLog
from openings.adapters.catalog_repository import CatalogCopyRepository
from openings.adapters.draft_events import OutboxDraftAnnouncements
from openings.adapters.draft_repository import DraftRepository
from openings.adapters.employer_repository import EmployerRepository
from openings.adapters.ending_notices import EndingNoticesInFeed
from openings.adapters.introduction_events import OutboxIntroductionAnnouncements
from openings.adapters.introduction_repository import IntroductionRequestRepository
from openings.adapters.opening_events import OutboxAnnouncements
from openings.adapters.opening_repository import OpeningRepository
from openings.adapters.preview_repository import PreviewRepository
from openings.adapters.shortlist_repository import ShortlistRepository
from openings.application.unit_of_work import OpeningsUnitOfWork
from openings.domain.introduction import IntroductionLimits
from openings.domain.opening_rules import ReferenceValues
from openings.domain.preview import PreviewLimits
from reference.occupations import load_occupations
from reference.pay import PayLimits, load_median_wages
from reference.places import Places, load_places

SERVICE = "service"


@dataclass(frozen=True, slots=True)
class OpeningsUnitsOfWork:
    """Everything that the units of work of one process share."""

    outbox: Outbox
    clock: Clock
    places: Places
    reference_values: ReferenceValues
    introduction_limits: IntroductionLimits
    preview_limits: PreviewLimits

    def at(self, session: AsyncSession, scope: str | None, actor: str = SERVICE) -> OpeningsUnitOfWork:
        """A unit of work in the session's transaction.

        `scope` is the only employer that the caller may see, None for all; `actor` is who the audit names.
        """
        return OpeningsUnitOfWork(
            openings=OpeningRepository(session, scope),
            employers=EmployerRepository(session, scope),
            catalog=CatalogCopyRepository(session),
            announcements=OutboxAnnouncements(session, self.outbox),
            ending_notices=EndingNoticesInFeed(session, self.clock),
            shortlists=ShortlistRepository(session),
            introductions=IntroductionRequestRepository(session, scope),
            introduction_announcements=OutboxIntroductionAnnouncements(session, self.outbox, self.clock),
            previews=PreviewRepository(session, scope),
            drafts=DraftRepository(session),
            draft_announcements=OutboxDraftAnnouncements(session, self.outbox),
            log=SqlOperatorLog(session, actor, self.clock),
            clock=self.clock,
            places=self.places,
            reference_values=self.reference_values,
            introduction_limits=self.introduction_limits,
            preview_limits=self.preview_limits,
        )


def units_of_work_of(context: Context) -> OpeningsUnitsOfWork:
    """Those of one process, with the reference data that its openings are checked against."""
    settings = context.settings
    reference_values = ReferenceValues(load_occupations(), load_median_wages(), PayLimits.of(settings))
    limits = IntroductionLimits(
        settings.introductions_a_day, timedelta(hours=settings.contact_access_hours), settings.learners_address.rstrip("/")
    )
    previews = PreviewLimits(settings.previews_a_day, timedelta(seconds=settings.preview_wait))
    return OpeningsUnitsOfWork(context.outbox, context.clock, load_places(), reference_values, limits, previews)
