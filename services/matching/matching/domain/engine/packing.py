"""A learner as a short string of bytes, because a region of a million people has no room for objects."""

from datetime import date

import msgspec

from contracts.vocabulary import AwardStatus, Evidence, Shift
from matching.domain.market.subjects import MarketAward, MarketLearner

_STATUSES = tuple(AwardStatus)
_EVIDENCE = tuple(Evidence)
_SHIFTS = tuple(Shift)
_STATUS_NUMBER = {status: number for number, status in enumerate(_STATUSES)}
_EVIDENCE_NUMBER = {evidence: number for number, evidence in enumerate(_EVIDENCE)}
_SHIFT_BIT = {shift: 1 << number for number, shift in enumerate(_SHIFTS)}

PackedAward = tuple[str, int, int, int, int | None, int | None, int | None]
_Packed = tuple[str, int, int, int, bool, bool, bool, int | None, int | None, int, int | str | None, tuple[PackedAward, ...]]
_LONG = 2**62
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Packed).decode


class Names:
    """Strings that many learners share, by number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []

    def number(self, name: str) -> int:
        """The number of a name, the next one for a new name."""
        number = self._numbers.setdefault(name, len(self._names))
        if number == len(self._names):
            self._names.append(name)
        return number

    def name(self, number: int) -> str:
        """The name of a number."""
        return self._names[number]


def shift_mask(shifts: frozenset[Shift]) -> int:
    """One bit for each shift; 0 means any."""
    return sum(_SHIFT_BIT[shift] for shift in shifts)


class Packer:
    """Packs and unpacks learners; strings that many share are kept once in `names`."""

    def __init__(self) -> None:
        self._names = Names()

    def pack(self, learner: MarketLearner) -> bytes:
        """The learner without the id."""
        number = self._names.number
        awards = [
            (
                award.award_id,
                number(award.credential),
                _STATUS_NUMBER[award.status],
                _EVIDENCE_NUMBER[award.evidence],
                _ordinal(award.issued_on),
                _ordinal(award.expires_on),
                _ordinal(award.expected_on),
            )
            for award in learner.awards
        ]
        return _encode(
            (
                learner.zip,
                number(learner.provider_id),
                learner.version,
                learner.reach_km,
                learner.seeking,
                learner.consents_to_matching,
                learner.remote_ok,
                _ordinal(learner.seeking_since),
                _ordinal(learner.available_from),
                shift_mask(learner.shifts),
                _short(learner.wage_floor),
                awards,
            )
        )

    def unpack(self, learner_id: str, packed: bytes) -> MarketLearner:
        """The learner that was packed."""
        zip_code, provider, version, reach, seeking, consents, remote, since, available, mask, floor, awards = _decode(packed)
        name = self._names.name
        return MarketLearner(
            learner_id=learner_id,
            provider_id=name(provider),
            zip=zip_code,
            seeking=seeking,
            consents_to_matching=consents,
            reach_km=reach,
            remote_ok=remote,
            seeking_since=_date(since),
            available_from=_date(available),
            shifts=frozenset(shift for shift in _SHIFTS if _SHIFT_BIT[shift] & mask),
            wage_floor=None if floor is None else int(floor),
            awards=tuple(
                MarketAward(
                    award_id=award_id,
                    credential=name(credential),
                    status=_STATUSES[status],
                    evidence=_EVIDENCE[evidence],
                    issued_on=_date(issued),
                    expires_on=_date(expires),
                    expected_on=_date(expected),
                )
                for award_id, credential, status, evidence, issued, expires, expected in awards
            ),
            version=version,
        )


def _short(number: int | None) -> int | str | None:
    """Integers that no machine integer holds are written out."""
    return number if number is None or number < _LONG else str(number)


def _ordinal(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


def _date(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)
