"""Reconciles the names of providers: takes them back from the topic, or publishes them again above it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.learners import ProviderState
from learners.adapters.provider_events import provider_event
from learners.adapters.provider_tables import ProviderRow
from learners.domain.provider import Provider
from makersync.clock import Clock
from makersync.effects.divergence import Case, NotReconciled
from makersync.effects.outbox import NewEvent
from makersync.effects.reconciling import Choice
from makersync.identifiers import made_at
from makersync.store.upserts import upsert


@dataclass(frozen=True, slots=True)
class ProviderPart:
    """A provider never ends: a name that only the topic has is taken back, whatever was chosen."""

    session: AsyncSession
    clock: Clock

    async def settle(self, case: Case, choice: Choice) -> Sequence[NewEvent]:
        row = await self.session.get(ProviderRow, case.subject)
        stored = None if row is None else Provider(row.provider_id, row.name, row.created_at, row.version, row.announced)
        found = [(one.data.name, one.event) for one in case.logged if isinstance(one.data, ProviderState)]
        created_at = (made_at("prv", case.subject) or self.clock.now()) if stored is None else stored.created_at
        logged = next((Provider(case.subject, name, created_at, event.version) for name, event in found), None)
        takes_log = stored is None or stored.is_nameless or (choice is Choice.TAKE_LOG and case.log_leads)
        chosen = logged if logged is not None and takes_log else stored
        if chosen is None or chosen.is_nameless:
            raise NotReconciled("its name can be read neither in the log nor in the store")
        rises = chosen is stored or case.must_rise
        version = case.next_version if rises else chosen.version
        provider = replace(chosen, version=version, announced=version)
        await upsert(self.session, ProviderRow, [asdict(provider)], ["provider_id"])
        return [provider_event(provider)] if rises else ()
