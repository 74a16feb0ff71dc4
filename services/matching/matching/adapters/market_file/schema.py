"""The schema of a market file in which nothing is wrong: much faster to read by than field by field (MARKET.md section 14).

It takes nothing that the strict reader (`reading`) refuses, once `subjects` has
looked at the rules between fields. What it does not take may still be sound.
"""

from datetime import date
from typing import Annotated, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from matching.adapters.market_file.fields import parse_json
from matching.domain.market.subjects import AwardStatus, Evidence, Necessity, OpeningStatus, Shift

ValueT = TypeVar("ValueT")
Maybe: TypeAlias = ValueT | UnsetType | None
"""Null means absent, but is told from it, so that fields can be counted."""

Text = Annotated[str, Meta(pattern=r"\S")]
Natural = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]


class NotTaken(ValueError):
    """The strict reader must look at the file."""


class _Form(Struct, forbid_unknown_fields=True, gc=False):
    """One kind of object in the file."""


class AlternativeForm(_Form):
    credential: Maybe[str] = UNSET
    competency: Maybe[str] = UNSET
    level: Maybe[Annotated[int, Meta(ge=1, le=5)]] = UNSET


class GroupForm(_Form):
    id: Text
    necessity: Necessity
    any_of: Annotated[tuple[AlternativeForm, ...], Meta(min_length=1)]
    weight: Maybe[Annotated[int, Meta(ge=1, le=10)]] = UNSET
    verified_only: Maybe[bool] = UNSET


class OpeningForm(_Form):
    opening_id: Text
    employer_id: Text
    title: Text
    positions: Positive
    status: OpeningStatus
    zip: Maybe[str] = UNSET
    remote: Maybe[bool] = UNSET
    filled: Maybe[Natural] = UNSET
    occupation: Maybe[Text] = UNSET
    start_by: Maybe[date] = UNSET
    closes_on: Maybe[date] = UNSET
    shifts: Maybe[tuple[Shift, ...]] = UNSET
    wage_min: Maybe[Natural] = UNSET
    wage_max: Maybe[Natural] = UNSET
    groups: Maybe[tuple[GroupForm, ...]] = UNSET
    version: Maybe[Positive] = UNSET


class AwardForm(_Form):
    award_id: Text
    credential: str
    status: AwardStatus
    evidence: Evidence
    issued_on: Maybe[date] = UNSET
    expires_on: Maybe[date] = UNSET
    expected_on: Maybe[date] = UNSET


class LearnerForm(_Form):
    learner_id: Text
    provider_id: Text
    zip: str
    seeking: bool
    consents_to_matching: bool
    reach_km: Maybe[Annotated[int, Meta(ge=1, le=300)]] = UNSET
    remote_ok: Maybe[bool] = UNSET
    seeking_since: Maybe[date] = UNSET
    available_from: Maybe[date] = UNSET
    shifts: Maybe[tuple[Shift, ...]] = UNSET
    wage_floor: Maybe[Natural] = UNSET
    awards: Maybe[tuple[AwardForm, ...]] = UNSET
    version: Maybe[Positive] = UNSET


class MarketForm(_Form):
    """The parts that are small in any market are left to the strict reader."""

    day: Raw
    catalog: Raw
    cohorts: Raw
    openings: tuple[OpeningForm, ...]
    learners: tuple[LearnerForm, ...]
    policy: Raw | UnsetType = UNSET

    def without_subjects(self) -> dict[str, object]:
        """The document without openings and learners."""
        parts = {"day": self.day, "policy": self.policy, "catalog": self.catalog, "cohorts": self.cohorts}
        parsed = {name: parse_json(bytes(part)) for name, part in parts.items() if part is not UNSET}
        return parsed | {"openings": [], "learners": []}


_decode = msgspec.json.Decoder(MarketForm).decode


def decode_market(text: str | bytes) -> MarketForm:
    """The form of a market; raises ValueError or RecursionError when the text is none, `NotTaken` when it repeats a field."""
    form = _decode(text)
    if _count_fields(text) != _count_fields(msgspec.json.encode(form)):
        raise NotTaken("a field is repeated")
    return form


def _count_fields(text: str | bytes) -> int:
    """In JSON without blanks a quote before a colon ends a name, unless it is escaped and so inside of a text."""
    plain = msgspec.json.format(text.encode() if isinstance(text, str) else text, indent=-1)
    return plain.count(b'":') - plain.count(b'\\":')
