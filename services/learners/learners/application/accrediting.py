"""Operators grant accreditations and end them."""

from dataclasses import dataclass
from datetime import date

from learners.application.unit_of_work import Expectation, LearnersUnitOfWork
from learners.domain import accreditation as accreditations
from learners.domain.accreditation import Accreditation
from learners.domain.errors import Absent, RuleBroken
from makersync.identifiers import new_id
from makersync.remarks import Remark


@dataclass(frozen=True, slots=True)
class Grant:
    """An accreditation to be granted. `since` None: every award that the provider has recorded counts."""

    provider_id: str
    issuer: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class AccreditationEnd:
    """How an accreditation ends. `retroactive`: it never counted. `reason` None: nothing is said."""

    retroactive: bool = False
    reason: str | None = None


async def grant_accreditation(uow: LearnersUnitOfWork, wanted: Grant) -> Accreditation:
    """Raises RuleBroken."""
    now = uow.clock.now()
    granted = accreditations.grant(
        Accreditation(new_id("acc", now), wanted.provider_id, wanted.issuer, wanted.since, wanted.until), uow.clock.today()
    )
    await _demand_known(uow, granted)
    await uow.accreditations.add(granted)
    await uow.accreditations.request_rederivation(granted.provider_id, granted.issuer, now)
    uow.log.note("accreditation_granted", granted.accreditation_id, _named(granted))
    return granted


async def end_accreditation(
    uow: LearnersUnitOfWork, accreditation_id: str, expects: Expectation, how: AccreditationEnd
) -> Accreditation:
    """Awards recorded while it was in force stay verified, unless it ends retroactively.

    Raises Absent, NotPossible, RuleBroken.
    """
    accreditation = await uow.accreditations.claim(accreditation_id)
    expects(accreditation.version)
    ended = accreditations.end(accreditation, uow.clock.now(), how.retroactive, how.reason)
    await uow.accreditations.save(ended)
    await uow.accreditations.request_rederivation(ended.provider_id, ended.issuer, uow.clock.now())
    action = "accreditation_ended_retroactively" if how.retroactive else "accreditation_ended"
    said = {} if how.reason is None else {"reason": ended.reason or ""}
    uow.log.note(action, accreditation_id, _named(ended) | said)
    return ended


async def remarks_on(uow: LearnersUnitOfWork, accreditation: Accreditation) -> list[Remark]:
    """Points out the provider's other accreditations for the same issuer: they stay in force when this one ends."""
    return [
        Remark("issuer", "same_accreditation", f"accreditation {one.accreditation_id} of the provider covers it too")
        for one in await lasting_beside(uow, accreditation)
    ]


async def lasting_beside(uow: LearnersUnitOfWork, accreditation: Accreditation) -> list[Accreditation]:
    """The provider's other accreditations for the same issuer that last."""
    known, today = await uow.accreditations.of(accreditation.provider_id, accreditation.issuer), uow.clock.today()
    return [one for one in known if one.lasts(today) and one.accreditation_id != accreditation.accreditation_id]


async def _demand_known(uow: LearnersUnitOfWork, granted: Accreditation) -> None:
    try:
        await uow.providers.get(granted.provider_id)
    except Absent:
        raise RuleBroken("provider_id", "unknown", "is not a provider") from None
    if not await uow.catalog.origins(granted.issuer):
        raise RuleBroken("issuer", "unknown", "no credential of the catalog is of this issuer")


def _named(accreditation: Accreditation) -> dict[str, str]:
    return {"provider_id": accreditation.provider_id, "issuer": accreditation.issuer}
