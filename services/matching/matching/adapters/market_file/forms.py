"""What a market file may hold: subjects with the fields of their events, in the wider bounds of a file (MARKET.md section 14).

The fields are declared once, by the readers of the events. A file must carry whatever a market may, so that its ids are
any text and its numbers have no upper bound of a database; on the other hand it has everything at hand, and holds no field
that is unknown. Null means absent, but the two are told apart, so that fields can be counted.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from matching.adapters import subject_fields as wire
from matching.adapters.catalog_events import CompetencyEntryRead, CredentialEntryRead
from matching.adapters.cohort_events import CohortRead
from matching.adapters.learner_events import LearnerRead
from matching.adapters.opening_events import OpeningRead

FormT = TypeVar("FormT", bound=Struct)

Positive = Annotated[int, Meta(ge=1)]
Natural = Annotated[int, Meta(ge=0)]
Text = Annotated[str, Meta(pattern=r"\S")]
Named = Annotated[str, Meta(min_length=1)]
"""A text that must be known to the catalog or to the table of places, and so is not blank."""

_WIDER: dict[object, object] = {
    **dict.fromkeys((wire.Id, wire.Title, wire.Text, wire.Word), Text),
    **dict.fromkeys((wire.Reference, wire.Place, wire.Zip), Named),
    **dict.fromkeys((wire.Positions, wire.Months), Positive),
    **dict.fromkeys((wire.Filled, wire.Seats, wire.Cents, wire.Weeks), Natural),
}


class OpeningInFile(OpeningRead, frozen=True, kw_only=True):
    version: Positive = 1


class LearnerInFile(LearnerRead, frozen=True, kw_only=True):
    version: Positive = 1


class CatalogFile(Struct, frozen=True, kw_only=True):
    """The definitions of a market."""

    competencies: tuple[CompetencyEntryRead, ...]
    credentials: tuple[CredentialEntryRead, ...]


class CatalogChangeFile(Struct, frozen=True, kw_only=True):
    """Definitions that are proposed beside those that live."""

    competencies: tuple[CompetencyEntryRead, ...] = ()
    credentials: tuple[CredentialEntryRead, ...] = ()


class MarketFile(Struct, frozen=True, kw_only=True):
    """A whole market."""

    day: date
    policy: dict[str, object] = {}
    catalog: CatalogFile
    openings: tuple[OpeningInFile, ...]
    learners: tuple[LearnerInFile, ...]
    cohorts: tuple[CohortRead, ...]


class RulesFile(Struct, frozen=True, kw_only=True):
    """A change of the rules: at least one of both."""

    policy: dict[str, object] | UnsetType = UNSET
    catalog: CatalogChangeFile | UnsetType = UNSET


_FOLLOWS = {OpeningInFile: {"region"}, LearnerInFile: {"region"}}
"""What follows from the ZIP, and is no field of a file."""


@cache
def form_of(model: type[FormT]) -> type[FormT]:
    """The form in which a file holds what `model` declares: fields with a default may be absent (UNSET) or None."""
    hints = get_type_hints(model, include_extras=True)
    fields = [
        (each.name, _kind(hints[each.name])) if each.required else (each.name, _optional(hints[each.name]), UNSET)
        for each in msgspec.structs.fields(model)
        if each.name not in _FOLLOWS.get(model, ())
    ]
    form: Any = msgspec.defstruct(f"{model.__name__}Form", fields, kw_only=True, forbid_unknown_fields=True, gc=False)
    return form  # type: ignore[no-any-return]


def _optional(kind: object) -> object:
    return Union[(*_members(kind), None, UnsetType)]


def _members(kind: object) -> Iterator[object]:
    members = get_args(kind) if type(None) in get_args(kind) or UnsetType in get_args(kind) else (kind,)
    return (_kind(each) for each in members if each not in (type(None), UnsetType))


def _kind(kind: Any) -> object:
    """The type in a file of what has `kind` in an event."""
    if kind in _WIDER:
        return _WIDER[kind]
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *rules = get_args(kind)
        least = max((rule.min_length or 0 for rule in rules), default=0)
        return Annotated[_kind(inner), Meta(min_length=least)] if get_origin(inner) is tuple else kind
    if origin in (tuple, frozenset):
        return tuple[_kind(get_args(kind)[0]), ...]  # type: ignore[misc]
    return form_of(kind) if isinstance(kind, type) and issubclass(kind, Struct) else kind


_decode = msgspec.json.Decoder(form_of(MarketFile)).decode


def decode_market(text: str | bytes) -> MarketFile | None:
    """The form of a market, or None when the text repeats a field; raises ValueError or RecursionError when it is none."""
    form = _decode(text)
    written = msgspec.json.format(text.encode() if isinstance(text, str) else text, indent=-1)
    return form if _count_fields(written) == _count_fields(msgspec.json.encode(form)) else None


def _count_fields(compact: bytes) -> int:
    """In JSON without blanks a quote before a colon ends a name, unless it is escaped and so inside of a text."""
    escaped = compact.count(b'\\":') if b"\\" in compact else 0
    return compact.count(b'":') - escaped
