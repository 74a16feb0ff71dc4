"""The events of a pair and what changed between two explanations, in words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from matching.adapters.past_repository import PastExplanation
from matching.domain.explanation.pair_past import PairEvent, PastChange, PastKind
from matching.entrypoints.explanation_text import explanation_lines

_CHANGES = {
    PastChange.PROPOSED: "The match was proposed",
    PastChange.REVISED: "The match was revised",
    PastChange.PUBLISHED: "The match was published",
    PastChange.WITHDRAWN: "The match was withdrawn",
}
_REASONS = {
    "consent_withdrawn": "the learner no longer agrees to be matched",
    "opening_closed": "the opening is closed or filled",
    "opening_expired": "the opening's last day has passed",
    "opening_changed": "the opening changed",
    "learner_unavailable": "the learner's record changed",
    "rules_changed": "the catalog or the policy changed",
    "credential_lapsed": "a credential is not in force or not verified any more",
    "outranked": "others outrank the learner",
}
_VERDICT = "Verdict"
UNKNOWN_THEN = "The opening or the learner was not known in this market then, so there was nothing to judge."


@dataclass(frozen=True, slots=True)
class ChangedSection:
    """Lines of one section that are `before` alone, and `now` alone."""

    section: str
    before: tuple[str, ...]
    now: tuple[str, ...]


def in_words(event: PairEvent) -> str:
    """What happened."""
    if event.change is PastChange.POLICY:
        return f"Policy {event.version} came into use"
    if event.change is PastChange.CATALOG:
        return "The catalog changed"
    if event.kind is not PastKind.MATCH:
        what = "left the region or was withdrawn" if event.change is PastChange.ENDED else "was taken as version"
        named = f"The {event.kind}"
        return f"{named} {what}" if event.change is PastChange.ENDED else f"{named} {what} {event.version}"
    assert event.published is not None
    if event.change is not PastChange.WITHDRAWN:
        return f"{_CHANGES[event.change]} with the score {event.published.score}"
    return f"{_CHANGES[event.change]}: {_reason(event)}"


def _reason(event: PairEvent) -> str:
    assert event.published is not None
    reason = event.published.reason or ""
    behind = [event.published.gate] if event.published.gate else list(event.published.unmet)
    return f"{_REASONS.get(reason, reason)} ({', '.join([reason, *behind])})"


def sections_of(found: PastExplanation) -> dict[str, list[str]]:
    """The lines of an explanation below each heading."""
    if found.explained is None or found.place is None:
        return {_VERDICT: [UNKNOWN_THEN]}
    return in_sections(explanation_lines(found.explained, found.place))


def in_sections(lines: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The first heading names the pair and becomes the verdict's; those with a value in them are lines too."""
    sections: dict[str, list[str]] = {}
    name = ""
    for style, text in lines:
        if style != "bold":
            sections[name].append(text.strip())
            continue
        name = text.partition(":")[0].partition(" ")[0] if sections else _VERDICT
        sections[name] = [text.partition(", ")[2]] if name == _VERDICT else [text] if text != name else []
    return sections


def differences(before: PastExplanation, now: PastExplanation) -> list[ChangedSection]:
    """What differs, section by section; empty when the two say the same."""
    was, becomes = sections_of(before), sections_of(now)
    found = []
    for section in dict.fromkeys([*becomes, *was]):
        old, new = Counter(was.get(section, ())), Counter(becomes.get(section, ()))
        if old != new:
            gone = tuple(line for line in was.get(section, ()) if line in old - new)
            come = tuple(line for line in becomes.get(section, ()) if line in new - old)
            found.append(ChangedSection(section, gone, come))
    return found
