"""Digests of what a match rests on, equal only for equal things (MARKET.md section 10)."""

from collections.abc import Iterable
from hashlib import blake2b

from matching.domain.market.subjects import MarketAward, RequirementGroup


def groups_digest(groups: Iterable[RequirementGroup]) -> str:
    """Equal for equal requirement groups in the same order, and only for those (32 hex digits)."""
    return _digest(
        (
            group.id,
            group.necessity.value,
            tuple(alternative.subject for alternative in group.any_of),
            group.weight,
            group.verified_only,
        )
        for group in groups
    )


def awards_digest(in_force: Iterable[MarketAward]) -> str:
    """Equal for the same awards in force with the same credentials and evidence, in any order (32 hex digits)."""
    return _digest(sorted((award.award_id, award.credential, award.evidence.value) for award in in_force))


def _digest(parts: Iterable[tuple[object, ...]]) -> str:
    return blake2b(repr(tuple(parts)).encode(), digest_size=16).hexdigest()
