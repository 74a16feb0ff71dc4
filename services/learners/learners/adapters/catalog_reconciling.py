"""Reconciles definitions of the catalog: takes them back from the topic, or publishes them again above it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TypeVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.learners import CompetencyState, CredentialState
from learners.adapters.catalog_events import competency_event, credential_event
from learners.adapters.catalog_repository import competency_of, credential_columns, credential_of, definition_of
from learners.adapters.catalog_tables import CompetencyRow, CredentialRow
from learners.adapters.proposal_tables import ProposalRow
from learners.domain.catalog import Competency, CredentialDefinition, PublishedCredential
from learners.domain.proposal import ProposalStatus
from makersync.effects.divergence import Case, NotReconciled
from makersync.effects.outbox import NewEvent
from makersync.effects.reconciling import Choice
from makersync.store.upserts import upsert

EntryT = TypeVar("EntryT", Competency, PublishedCredential)


@dataclass(frozen=True, slots=True)
class CatalogPart:
    """A definition never ends: one that only the topic has is taken back, whatever was chosen."""

    session: AsyncSession

    async def settle(self, case: Case, choice: Choice) -> Sequence[NewEvent]:
        if case.subject.startswith("competency/"):
            return await self._competency(case, choice)
        return await self._credential(case, choice)

    async def _competency(self, case: Case, choice: Choice) -> Sequence[NewEvent]:
        row = await self.session.get(CompetencyRow, case.subject.partition("/")[2])
        stored = None if row is None else competency_of(row)
        found = [(one.data, one.event.version) for one in case.logged if isinstance(one.data, CompetencyState)]
        taken = next((Competency(state.id, state.name, version) for state, version in found), None)
        chosen, rises = _chosen(case, choice, stored, taken)
        competency = replace(chosen, version=case.next_version) if rises else chosen
        await upsert(self.session, CompetencyRow, [asdict(competency)], ["id"])
        return [competency_event(competency)] if rises else ()

    async def _credential(self, case: Case, choice: Choice) -> Sequence[NewEvent]:
        row = await self.session.get(CredentialRow, case.subject.partition("/")[2])
        stored = None if row is None else credential_of(row)
        found = [(one.data, one.event.version) for one in case.logged if isinstance(one.data, CredentialState)]
        proposer = None if stored is None else stored.proposed_by
        definitions = ((definition_of(state.model_dump()), version) for state, version in found)
        taken = next((PublishedCredential(each, proposer, version) for each, version in definitions), None)
        chosen, rises = _chosen(case, choice, stored, taken)
        if stored is None:
            chosen = replace(chosen, proposed_by=await self._approve(chosen.definition))
        credential = replace(chosen, version=case.next_version) if rises else chosen
        await upsert(self.session, CredentialRow, [credential_columns(credential)], ["id"])
        return [credential_event(credential)] if rises else ()

    async def _approve(self, definition: CredentialDefinition) -> str | None:
        """It was published, so the proposal that it came from must have been approved. Returns who proposed it."""
        pending = select(ProposalRow).where(ProposalRow.status == ProposalStatus.PENDING.value)
        for row in (await self.session.exec(pending.order_by(col(ProposalRow.proposal_id)))).all():
            if definition_of(row.definition) == definition:
                row.status, row.version = ProposalStatus.APPROVED.value, row.version + 1
                self.session.add(row)
                return row.provider_id
        return None


def _chosen(case: Case, choice: Choice, stored: EntryT | None, taken: EntryT | None) -> tuple[EntryT, bool]:
    """The definition that counts, and whether it must be published again."""
    if taken is not None and (stored is None or (choice is Choice.TAKE_LOG and case.log_leads)):
        return taken, case.must_rise
    if stored is None:
        raise NotReconciled("nothing of it can be read, in the log or in the store")
    return stored, True
