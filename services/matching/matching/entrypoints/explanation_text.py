"""An explanation for a terminal: one line a finding, so that ids can be copied however narrow it is."""

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.text import Text

from matching.domain.explanation.cheapest_change import Beyond, CheapestChange, Comparison, GateChange
from matching.domain.explanation.findings import (
    AlternativeFinding,
    AwardFinding,
    ComponentFinding,
    Explanation,
    GroupFinding,
    ScoreFinding,
    ShortlistPlace,
)
from matching.domain.explanation.training_steps import StepKind, TrainingStep
from matching.domain.market.subjects import CompetencyAlternative
from matching.domain.rules.gates import GateFinding, GateResult, GateValue

Line = tuple[str, str]
"""A style and a text. The text is never read as markup: a market file may name its ids as it likes."""

_GATE_MARKS = {GateResult.PASSED: "✓", GateResult.FAILED: "✗", GateResult.UNKNOWN: "?"}
_GATE_STYLES = {GateResult.PASSED: "", GateResult.FAILED: "red", GateResult.UNKNOWN: "yellow"}
_MARKS, _STYLES = {True: "✓", False: "✗"}, {True: "", False: "red"}
_COMPARISONS = {
    Comparison.EQUALS: "",
    Comparison.AT_LEAST: "at least ",
    Comparison.AT_MOST: "at most ",
    Comparison.ANY_OF: "any of ",
}
_BEYOND = {
    Beyond.OPENING_NOT_LIVE: "nothing of the learner's would help while the opening is not live; it would be live again with",
    Beyond.NOTHING_KNOWN: "no credential of the catalog leads to what is missing",
    Beyond.TOO_MANY_WAYS: "there are too many ways to what is missing to find the cheapest",
}
_HEAD = "bold"


def show_explanation(out: Console, explained: Explanation, place: ShortlistPlace) -> None:
    """Print why the pair matches or does not, and where it stands on the shortlist."""
    for style, text in explanation_lines(explained, place):
        out.print(Text(text, style))


def explanation_lines(explained: Explanation, place: ShortlistPlace) -> Iterator[Line]:
    """Why the pair matches or does not. Headings have the style bold."""
    pair = f"{explained.opening.opening_id} / {explained.learner.learner_id}"
    yield _HEAD, f"{pair} on {explained.day}, policy {explained.policy.version}"
    yield from _verdict(explained)
    yield _HEAD, "Gates"
    yield from map(_gate, explained.gates)
    yield _HEAD, "Groups"
    for group in explained.groups:
        yield from _group(group)
    yield _HEAD, "Awards" if explained.awards else "Awards: none"
    yield from map(_award, explained.awards)
    yield _HEAD, _score(explained.score)
    yield from map(_component, explained.components)
    yield _HEAD, _shortlist(place)
    if explained.change is not None:
        yield from _change(explained.change)


def _verdict(explained: Explanation) -> Iterator[Line]:
    if explained.barriers:
        yield "red", f"The opening is not live: {', '.join(explained.barriers)}"
    if explained.qualified:
        yield "green", "Qualified"
    elif explained.reason == "unmet_groups":
        yield "red", f"Not qualified: required and unmet: {', '.join(explained.unmet)}"
    else:
        yield "red", f"Not qualified: {explained.reason}"


def _gate(found: GateFinding) -> Line:
    return _GATE_STYLES[found.verdict], f"  {_GATE_MARKS[found.verdict]} {found.gate}: {_values(found.values)}"


def _values(values: Mapping[str, GateValue]) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in values.items())


def _value(value: GateValue) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, tuple):
        return ", ".join(value) or "any"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _group(found: GroupFinding) -> Iterator[Line]:
    group, outcome = found.group, found.outcome
    asked = f"{group.necessity}, weight {group.weight}{', verified only' if group.verified_only else ''}"
    met = f"{outcome.evidence} by {', '.join(outcome.awards)}" if outcome.met else "unmet"
    yield _STYLES[outcome.met], f"  {_MARKS[outcome.met]} {group.id} ({asked}): {met}"
    for form in found.alternatives:
        yield "", f"      {_form(form, group.verified_only)}"


def _form(found: AlternativeFinding, verified_only: bool) -> str:
    form = found.alternative
    name = f"{form.competency} at {form.level}" if isinstance(form, CompetencyAlternative) else form.credential
    through = f", through {', '.join(found.through)}" if found.through else ""
    held = f": {'verified' if found.verified else 'attested'}{through}" if found.held else ""
    return f"{_MARKS[found.verified if verified_only else found.held]} {name}{held}"


def _award(found: AwardFinding) -> Line:
    award = found.award
    named = {"issued": award.issued_on, "expires": award.expires_on, "expected": award.expected_on}
    dates = [f"{name} {day}" for name, day in named.items() if day is not None]
    undefined = "" if found.defined else ", of a credential without a definition"
    force = "in force" if found.in_force else f"not in force: {found.why_not}"
    details = ", ".join([award.evidence, *dates, force])
    return _STYLES[found.in_force], f"  {_MARKS[found.in_force]} {award.award_id} {award.credential}: {details}{undefined}"


def _score(score: ScoreFinding | None) -> str:
    return "Score: none" if score is None else f"Score {score.value} = {_quotient(score)}"


def _component(part: ComponentFinding) -> Line:
    worth = "undefined" if part.value is None else f"{part.value} = 10000 × {_quotient(part)}"
    return "", f"  {part.name} (weight {part.weight}): {worth}"


def _quotient(parts: ScoreFinding | ComponentFinding) -> str:
    return f"{parts.numerator} // {parts.denominator}" if parts.denominator else "no component is defined"


def _shortlist(place: ShortlistPlace) -> str:
    if place.rank is not None:
        return f"Shortlist: rank {place.rank} of {place.listed} (at most {place.size})"
    if place.outranked and place.last is not None:
        return f"Shortlist: outranked; the last of {place.size} is {place.last.learner_id} with {place.last.facts.score}"
    return f"Shortlist: not one of its {place.listed} (at most {place.size})"


def _change(change: CheapestChange) -> Iterator[Line]:
    yield _HEAD, "The cheapest change, all of it together"
    for gate in change.gates:
        yield "", f"  {_gate_change(gate)}"
    for step in change.steps:
        yield "", f"  {_step(step)}"
    if change.beyond:
        yield "", f"  {_BEYOND[change.beyond]}"
    for needed in change.opening:
        yield "", f"  the opening's {needed.field}: {_COMPARISONS[needed.comparison]}{_value(needed.value)}"


def _gate_change(gate: GateChange) -> str:
    impossible = "" if gate.possible else ", longer than any reach may be"
    return f"{gate.field}: {_COMPARISONS[gate.comparison]}{_value(gate.value)}{impossible}"


def _step(step: TrainingStep) -> str:
    if step.kind == StepKind.VERIFY:
        return f"verify award {step.award_id} ({step.credential})"
    weeks = "training of unknown length" if step.weeks is None else f"{step.weeks} weeks of training"
    return f"earn {step.credential}: {weeks}"
