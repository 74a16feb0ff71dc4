"""The catalog and the proposals for it in SQL."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any, cast

from sqlalchemy import Table, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.catalog_tables import CompetencyRow, CredentialRow, ProposalRow
from learners.adapters.statements import demand_one, insert_new
from learners.application.errors import Absent
from learners.domain.catalog import Competency, Conferred, CredentialDefinition, PublishedCredential, issuer_key
from learners.domain.proposal import Proposal, ProposalStatus
from makersync.text import name_key

COMPETENCY = cast(Table, CompetencyRow.__table__)  # type: ignore[attr-defined]
CREDENTIAL = cast(Table, CredentialRow.__table__)  # type: ignore[attr-defined]
PROPOSAL = cast(Table, ProposalRow.__table__)  # type: ignore[attr-defined]


class SqlCatalog:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def credential(self, credential_id: str) -> PublishedCredential | None:
        return (await self.credentials([credential_id])).get(credential_id)

    async def credentials(self, wanted: Collection[str]) -> Mapping[str, PublishedCredential]:
        if not wanted:
            return {}
        rows = await self._session.exec(select(CredentialRow).where(col(CredentialRow.id).in_(wanted)))
        return {row.id: credential_of(row) for row in rows.all()}

    async def competencies(self, wanted: Collection[str]) -> Mapping[str, Competency]:
        if not wanted:
            return {}
        rows = await self._session.exec(select(CompetencyRow).where(col(CompetencyRow.id).in_(wanted)))
        return {row.id: Competency(row.id, row.name, row.version) for row in rows.all()}

    async def competencies_like(self, name: str) -> list[Competency]:
        rows = (await self._session.exec(select(CompetencyRow).order_by(col(CompetencyRow.id)))).all()
        return [Competency(row.id, row.name, row.version) for row in rows if name_key(row.name) == name_key(name)]

    async def of_issuers_like(self, issuer: str) -> list[CredentialDefinition]:
        """Compared here: no database knows which names are one."""
        rows = (await self._session.exec(select(CredentialRow).order_by(col(CredentialRow.id)))).all()
        return [definition_of(row.definition) for row in rows if name_key(row.definition["issuer"]) == name_key(issuer)]

    async def origins(self, issuer: str) -> frozenset[str | None]:
        statement = select(CredentialRow.proposed_by).where(col(CredentialRow.issuer_key) == issuer_key(issuer)).distinct()
        return frozenset((await self._session.exec(statement)).all())

    async def put_credential(self, credential: PublishedCredential) -> None:
        definition = credential.definition
        columns = {
            "id": definition.id,
            "issuer_key": issuer_key(definition.issuer),
            "proposed_by": credential.proposed_by,
            "definition": asdict(definition),
            "version": credential.version,
        }
        await self._put(CREDENTIAL, columns)

    async def put_competency(self, competency: Competency) -> None:
        await self._put(COMPETENCY, asdict(competency))

    async def _put(self, table: Table, columns: dict[str, Any]) -> None:
        if columns["version"] == 1:
            await insert_new(self._session, insert(table).values(**columns))
        else:
            here = (table.c.id == columns["id"]) & (table.c.version == columns["version"] - 1)
            await demand_one(self._session, update(table).where(here).values(**columns))


class SqlProposals:
    """`provider_id` None: operators, who see all."""

    def __init__(self, session: AsyncSession, provider_id: str | None) -> None:
        self._session = session
        self._provider_id = provider_id

    async def get(self, proposal_id: str) -> Proposal:
        row = await self._session.get(ProposalRow, proposal_id)
        if row is None or self._provider_id not in (None, row.provider_id):
            raise Absent
        return proposal_of(row)

    async def add(self, proposal: Proposal) -> None:
        await self._session.exec(insert(PROPOSAL).values(**_proposal_columns(proposal)))

    async def save(self, proposal: Proposal) -> None:
        here = (PROPOSAL.c.proposal_id == proposal.proposal_id) & (PROPOSAL.c.version == proposal.version - 1)
        await demand_one(self._session, update(PROPOSAL).where(here).values(**_proposal_columns(proposal)))


def credential_of(row: CredentialRow) -> PublishedCredential:
    return PublishedCredential(definition_of(row.definition), row.proposed_by, row.version)


def proposal_of(row: ProposalRow) -> Proposal:
    return Proposal(
        row.proposal_id, row.provider_id, definition_of(row.definition), ProposalStatus(row.status), row.reason, row.version
    )


def definition_of(document: Mapping[str, Any]) -> CredentialDefinition:
    """A definition from its document: that of a row, or an entry of the reference catalog."""
    return CredentialDefinition(
        id=document["id"],
        name=document["name"],
        issuer=document["issuer"],
        aliases=tuple(document.get("aliases", ())),
        confers=tuple(Conferred(one["competency"], one["level"]) for one in document.get("confers", ())),
        implies=tuple(document.get("implies", ())),
        composed_of=tuple(document.get("composed_of", ())),
        valid_months=document.get("valid_months"),
        training_weeks=document.get("training_weeks"),
        references=tuple(document.get("references", ())),
    )


def _proposal_columns(proposal: Proposal) -> dict[str, Any]:
    return {
        "proposal_id": proposal.proposal_id,
        "provider_id": proposal.provider_id,
        "definition": asdict(proposal.definition),
        "status": proposal.status.value,
        "reason": proposal.reason,
        "version": proposal.version,
    }
