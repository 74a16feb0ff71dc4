"""The events of openings: what they carry, and how a change is announced."""

from collections.abc import Iterable

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.openings import CompetencyWanted as CompetencyWantedState
from contracts.openings import CredentialWanted as CredentialWantedState
from contracts.openings import OpeningFacts, OpeningState, RequirementGroupState
from contracts.topics import OPENING
from contracts.vocabulary import Necessity, Shift
from makersync.effects.outbox import NewEvent, Outbox
from openings.adapters.employer_repository import public_name
from openings.domain.opening import Alternative, Group, Opening, Terms, WantedCompetency, WantedCredential
from openings.domain.opening_life import Change, OpeningEventKind

#: The fields that have the same name and form in the terms, in the opening's row and in its events.
PLAIN_TERMS = ("title", "positions", "occupation", "zip", "remote", "start_by", "closes_on", "wage_min", "wage_max")


class OutboxAnnouncements:
    """Announces changes of openings through the outbox of the same transaction."""

    def __init__(self, session: AsyncSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox

    async def record(self, change: Change) -> None:
        name = await public_name(self._session, change.opening.employer_id)
        await self._outbox.record(self._session, [opening_event(change.kind, change.opening, name)])


def opening_event(kind: OpeningEventKind, opening: Opening, employer_name: str | None) -> NewEvent:
    return NewEvent(
        topic=OPENING,
        kind=kind.value,
        subject=opening.opening_id,
        region=opening.region,
        version=opening.version,
        state=opening_state(opening, employer_name),
    )


def opening_state(opening: Opening, employer_name: str | None) -> OpeningState:
    """The whole public state of the opening, as its events carry it."""
    return OpeningState(**dict(opening_facts(opening)), employer_name=employer_name)


def opening_facts(opening: Opening) -> OpeningFacts:
    """The state of the opening without names."""
    terms = opening.terms
    return OpeningFacts(
        opening_id=opening.opening_id,
        employer_id=opening.employer_id,
        region=opening.region,
        filled=opening.filled,
        status=opening.status.value,
        shifts=tuple(shift.value for shift in terms.shifts),
        groups=tuple(group_state(group) for group in terms.groups),
        **{name: getattr(terms, name) for name in PLAIN_TERMS},
    )


def group_state(group: Group) -> RequirementGroupState:
    return RequirementGroupState(
        id=group.id,
        necessity=group.necessity.value,
        any_of=tuple(_alternative_state(alternative) for alternative in group.any_of),
        weight=group.weight,
        verified_only=group.verified_only,
    )


def _alternative_state(alternative: Alternative) -> CredentialWantedState | CompetencyWantedState:
    if isinstance(alternative, WantedCredential):
        return CredentialWantedState(credential=alternative.credential)
    return CompetencyWantedState(competency=alternative.competency, level=alternative.level)


def terms_of(state: OpeningState) -> Terms:
    """The terms that an event carries."""
    return Terms(
        **{name: getattr(state, name) for name in PLAIN_TERMS},
        shifts=tuple(Shift(shift) for shift in state.shifts),
        groups=groups_of(state.groups),
    )


def groups_of(states: Iterable[RequirementGroupState]) -> tuple[Group, ...]:
    return tuple(_group_of(state) for state in states)


def _group_of(state: RequirementGroupState) -> Group:
    any_of = tuple(_alternative_of(alternative) for alternative in state.any_of)
    return Group(state.id, Necessity(state.necessity), any_of, state.weight, state.verified_only)


def _alternative_of(state: CredentialWantedState | CompetencyWantedState) -> Alternative:
    if isinstance(state, CredentialWantedState):
        return WantedCredential(state.credential)
    return WantedCompetency(state.competency, state.level)
