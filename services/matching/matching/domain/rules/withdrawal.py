"""Why a match ended (MARKET.md section 10)."""

from dataclasses import dataclass
from datetime import date

from matching.domain.market.subjects import MarketLearner, MarketOpening
from matching.domain.rules.digests import awards_digest
from matching.domain.rules.gates import Gate
from matching.domain.rules.groups import ask
from matching.domain.rules.matches import MatchBasis, WithdrawalReason

#: The reasons behind which a gate can be, and those behind which unmet groups can be.
GATE_REASONS = frozenset({WithdrawalReason.OPENING_CHANGED, WithdrawalReason.LEARNER_UNAVAILABLE})
UNMET_REASONS = frozenset(
    {WithdrawalReason.OPENING_CHANGED, WithdrawalReason.RULES_CHANGED, WithdrawalReason.CREDENTIAL_LAPSED}
)


@dataclass(frozen=True, slots=True)
class PairNow:
    """A pair that left the shortlist, as it stands.

    `opening` is None when it was removed; `learner` is None when withdrawn from the region or erased. `gate` is the
    first that fails and `unmet` the required groups that are not met, asked where no gate fails; both matter only while
    both sides are here.
    """

    opening: MarketOpening | None
    learner: MarketLearner | None
    erased: bool
    gate: Gate | None
    unmet: tuple[str, ...]


def withdrawal_reason(basis: MatchBasis, now: PairNow, day: date) -> WithdrawalReason:
    """The first reason that applies, in the order of the section.

    A removed opening is closed. A learner who no longer reaches the region fails the gate `out_of_reach`, so that
    the reason is the learner's, or the opening's when that changed since the match's last event.
    """
    if now.erased:
        return WithdrawalReason.ERASED
    if now.learner is not None and not now.learner.consents_to_matching:
        return WithdrawalReason.CONSENT_WITHDRAWN
    if now.opening is None or not now.opening.looks_for_people:
        return WithdrawalReason.OPENING_CLOSED
    if now.opening.expired_on(day):
        return WithdrawalReason.OPENING_EXPIRED
    if now.learner is None or now.gate is not None:
        changed = now.opening.version > basis.opening_version
        return WithdrawalReason.OPENING_CHANGED if changed else WithdrawalReason.LEARNER_UNAVAILABLE
    return _unmet_reason(basis, now.opening, now.learner, day) if now.unmet else WithdrawalReason.OUTRANKED


def failed_gate(now: PairNow, reason: WithdrawalReason) -> Gate | None:
    """The gate behind the reason; None where another thing is. A learner who has left the region is out of reach."""
    if reason not in GATE_REASONS or now.opening is None:
        return None
    return Gate.OUT_OF_REACH if now.learner is None else now.gate


def _unmet_reason(basis: MatchBasis, opening: MarketOpening, learner: MarketLearner, day: date) -> WithdrawalReason:
    """`rules_changed` only when neither the opening's groups nor the learner's awards have changed."""
    if ask(opening.groups).digest != basis.groups_digest:
        return WithdrawalReason.OPENING_CHANGED
    if awards_digest(learner.awards_in_force(day)) == basis.awards_digest:
        return WithdrawalReason.RULES_CHANGED
    return WithdrawalReason.CREDENTIAL_LAPSED
