"""Between an opening and its row, and from an opening to what its events carry."""

from collections.abc import Iterable
from typing import Any

from contracts.openings import CompetencyWanted as CompetencyWantedState
from contracts.openings import CredentialWanted as CredentialWantedState
from contracts.openings import OpeningState, RequirementGroupState
from openings.adapters.tables import OpeningRow
from openings.domain.opening import (
    Alternative,
    Group,
    Necessity,
    Opening,
    Shift,
    Status,
    Terms,
    WantedCompetency,
    WantedCredential,
)

#: What the opening, its terms, its row and its event call by the same name.
_TERMS = ("title", "positions", "occupation", "zip", "remote", "start_by", "closes_on", "wage_min", "wage_max")
_OPENING = (
    "opening_id",
    "employer_id",
    "region",
    "filled",
    "version",
    "groups_version",
    "published_at",
    "changed_at",
    "expiry_told",
)


def values_of(opening: Opening) -> dict[str, Any]:
    """The columns of the opening's row."""
    terms = opening.terms
    same = {name: getattr(terms, name) for name in _TERMS} | {name: getattr(opening, name) for name in _OPENING}
    groups = [group_state(group).model_dump(mode="json") for group in terms.groups]
    return same | {"status": opening.status.value, "shifts": [shift.value for shift in terms.shifts], "groups": groups}


def opening_of(row: OpeningRow) -> Opening:
    terms = Terms(
        **{name: getattr(row, name) for name in _TERMS},
        shifts=tuple(Shift(shift) for shift in row.shifts),
        groups=groups_of(RequirementGroupState.model_validate(group) for group in row.groups),
    )
    return Opening(terms=terms, status=Status(row.status), **{name: getattr(row, name) for name in _OPENING})


def opening_state(opening: Opening) -> OpeningState:
    """The opening's whole public state, as its events carry it."""
    terms = opening.terms
    return OpeningState(
        opening_id=opening.opening_id,
        employer_id=opening.employer_id,
        region=opening.region,
        filled=opening.filled,
        status=opening.status.value,
        shifts=tuple(shift.value for shift in terms.shifts),
        groups=tuple(group_state(group) for group in terms.groups),
        **{name: getattr(terms, name) for name in _TERMS},
    )


def group_state(group: Group) -> RequirementGroupState:
    return RequirementGroupState(
        id=group.id,
        necessity=group.necessity.value,
        any_of=tuple(_form_state(form) for form in group.any_of),
        weight=group.weight,
        verified_only=group.verified_only,
    )


def _form_state(form: Alternative) -> CredentialWantedState | CompetencyWantedState:
    if isinstance(form, WantedCredential):
        return CredentialWantedState(credential=form.credential)
    return CompetencyWantedState(competency=form.competency, level=form.level)


def groups_of(states: Iterable[RequirementGroupState]) -> tuple[Group, ...]:
    return tuple(_group_of(state) for state in states)


def _group_of(state: RequirementGroupState) -> Group:
    forms = tuple(_form_of(form) for form in state.any_of)
    return Group(state.id, Necessity(state.necessity), forms, state.weight, state.verified_only)


def _form_of(state: CredentialWantedState | CompetencyWantedState) -> Alternative:
    if isinstance(state, CredentialWantedState):
        return WantedCredential(state.credential)
    return WantedCompetency(state.competency, state.level)
