"""Settles where the store of the service and its topics differ, each kind of subject in its own way."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import DRAFT, INTRODUCTION_REQUEST
from makersync.clock import Clock
from makersync.effects.divergence import Case
from makersync.effects.outbox import NewEvent
from makersync.effects.reconciling import Choice
from openings.adapters.draft_reconciling import DraftPart
from openings.adapters.introduction_reconciling import IntroductionPart
from openings.adapters.opening_reconciling import OpeningPart

OPENING_KIND, INTRODUCTION_KIND, DRAFT_KIND = "opening", "introduction", "draft"
_KINDS = {INTRODUCTION_REQUEST.name: INTRODUCTION_KIND, DRAFT.name: DRAFT_KIND}


@dataclass(frozen=True, slots=True)
class OpeningsReconciler:
    """Openings come first, since an introduction belongs to one."""

    clock: Clock
    kinds: Sequence[str] = (OPENING_KIND, INTRODUCTION_KIND, DRAFT_KIND)
    final_types: frozenset[str] = frozenset()

    def kind_of(self, topic: str, subject: str) -> str:
        return _KINDS.get(topic, OPENING_KIND)

    async def settle(self, session: AsyncSession, case: Case, choice: Choice) -> Sequence[NewEvent]:
        if case.topic == INTRODUCTION_REQUEST.name:
            return await IntroductionPart(session, self.clock).settle(case, choice)
        if case.topic == DRAFT.name:
            return await DraftPart(session, self.clock).settle(case, choice)
        return await OpeningPart(session, self.clock).settle(case, choice)
