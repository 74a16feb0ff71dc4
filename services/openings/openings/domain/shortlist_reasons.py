"""Why a match ended, in words (MARKET.md sections 6 and 10)."""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "erased": "The learner's record was erased.",
    "consent_withdrawn": "The learner does not consent to being matched any more.",
    "opening_closed": "The opening is closed, or all its positions are filled.",
    "opening_expired": "The opening's closing date has passed.",
    "opening_changed": "The opening was revised, and the learner does not meet it as it is now.",
    "learner_unavailable": "The learner is not available for it any more.",
    "rules_changed": "The catalog of credentials or the policy was changed, and a required group is not met by it.",
    "credential_lapsed": "A credential that met a required group has expired, was suspended, revoked or removed, or is no "
    "longer verified.",
    "outranked": "Others are ahead, and the shortlist has no room left.",
}
GATES: Mapping[str, str] = {
    "not_seeking": "The learner is not looking for work now.",
    "no_consent": "The learner does not consent to being matched any more.",
    "out_of_reach": "The place of work is beyond the learner's reach.",
    "unavailable": "The learner is available only after the date by which somebody must be able to begin.",
    "shift_conflict": "The learner works none of the opening's shifts.",
    "pay_conflict": "The highest wage offered is below what the learner asks for.",
}


def in_words(reason: str, gate: str | None) -> str:
    """What the reason means, and the gate behind it. What a later matching service adds is shown by its name."""
    said = REASONS.get(reason, f"The match ended for the reason `{reason}`.")
    return said if gate is None else f"{said} {GATES.get(gate, f'The gate `{gate}` fails.')}"
