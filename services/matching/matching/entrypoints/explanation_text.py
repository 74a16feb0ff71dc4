"""An explanation for a terminal: one line a finding, so that ids can be copied however narrow it is."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from matching.adapters.market_file.writing import Document

Line = tuple[str, str]
"""A style and a text. The text is never read as markup: a market file may name its ids as it likes."""

_MARKS = {"passed": "✓", "failed": "✗", "unknown": "?", True: "✓", False: "✗"}
_STYLES = {"passed": "", "failed": "red", "unknown": "yellow", True: "", False: "red"}
_COMPARISONS = {"equals": "", "at_least": "at least ", "at_most": "at most ", "any_of": "any of "}
_BEYOND = {
    "opening_not_live": "nothing of the learner's would help while the opening is not live; it would be live again with",
    "nothing_known": "no credential of the catalog leads to what is missing",
    "too_many_ways": "there are too many ways to what is missing to find the cheapest",
}
_HEAD = "bold"


def show_explanation(out: Console, document: Document) -> None:
    """Print the document of `matching.adapters.explanation_document`."""
    for style, text in _lines(document):
        out.print(Text(text, style))


def _lines(shown: dict[str, Any]) -> Iterator[Line]:
    yield _HEAD, f"{shown['opening_id']} / {shown['learner_id']} on {shown['day']}, policy {shown['policy_version']}"
    yield from _verdict(shown)
    yield _HEAD, "Gates"
    for gate in shown["gates"]:
        yield _STYLES[gate["verdict"]], f"  {_MARKS[gate['verdict']]} {gate['gate']}: {_values(gate['values'])}"
    yield _HEAD, "Groups"
    for group in shown["groups"]:
        yield from _group(group)
    yield _HEAD, "Awards" if shown["awards"] else "Awards: none"
    for award in shown["awards"]:
        yield _STYLES[award["in_force"]], _award(award)
    yield from _score(shown)
    yield _HEAD, _shortlist(shown["shortlist"])
    yield from _change(shown["change"])


def _verdict(shown: dict[str, Any]) -> Iterator[Line]:
    if not shown["opening"]["live"]:
        yield "red", f"The opening is not live: {', '.join(shown['opening']['barriers'])}"
    if shown["qualified"]:
        yield "green", "Qualified"
    elif shown["reason"] == "unmet_groups":
        yield "red", f"Not qualified: required and unmet: {', '.join(shown['unmet_groups'])}"
    else:
        yield "red", f"Not qualified: {shown['reason']}"


def _values(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in values.items())


def _value(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, list):
        return ", ".join(value) or "any"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _group(group: dict[str, Any]) -> Iterator[Line]:
    asked = f"{group['necessity']}, weight {group['weight']}{', verified only' if group['verified_only'] else ''}"
    met = f"{group['evidence']} by {', '.join(group['awards'])}" if group["met"] else "unmet"
    yield _STYLES[group["met"]], f"  {_MARKS[group['met']]} {group['id']} ({asked}): {met}"
    for form in group["any_of"]:
        yield "", f"      {_form(form, group['verified_only'])}"


def _form(form: dict[str, Any], verified_only: bool) -> str:
    name = form.get("credential") or f"{form['competency']} at {form['level']}"
    through = f", through {', '.join(form['through'])}" if form["through"] else ""
    held = f": {'verified' if form['verified'] else 'attested'}{through}" if form["held"] else ""
    return f"{_MARKS[form['verified'] if verified_only else form['held']]} {name}{held}"


def _award(award: dict[str, Any]) -> str:
    named = ("issued_on", "expires_on", "expected_on")
    dates = [f"{name.removesuffix('_on')} {award[name]}" for name in named if award.get(name)]
    undefined = "" if award["defined"] else ", of a credential without a definition"
    force = "in force" if award["in_force"] else f"not in force: {award['why_not']}"
    told = ", ".join([award["evidence"], *dates, force])
    return f"  {_MARKS[award['in_force']]} {award['award_id']} {award['credential']}: {told}{undefined}"


def _score(shown: dict[str, Any]) -> Iterator[Line]:
    score = shown["score"]
    yield _HEAD, "Score: none" if score is None else f"Score {score['value']} = {_quotient(score)}"
    for part in shown["components"]:
        worth = "undefined" if part["value"] is None else f"{part['value']} = 10000 × {_quotient(part)}"
        yield "", f"  {part['name']} (weight {part['weight']}): {worth}"


def _quotient(parts: dict[str, Any]) -> str:
    return f"{parts['numerator']} // {parts['denominator']}" if parts["denominator"] else "no component is defined"


def _shortlist(place: dict[str, Any]) -> str:
    if place["rank"] is not None:
        return f"Shortlist: rank {place['rank']} of {place['listed']} (at most {place['size']})"
    if place["outranked"]:
        last = place["last"]
        return f"Shortlist: outranked; the last of {place['size']} is {last['learner_id']} with {last['score']}"
    return f"Shortlist: not one of its {place['listed']} (at most {place['size']})"


def _change(change: dict[str, Any] | None) -> Iterator[Line]:
    if change is None:
        return
    yield _HEAD, "The cheapest change, all of it together"
    for gate in change["gates"]:
        impossible = "" if gate["possible"] else ", longer than any reach may be"
        yield "", f"  {gate['field']}: {_COMPARISONS[gate['comparison']]}{_value(gate['value'])}{impossible}"
    for step in change["steps"]:
        yield "", f"  {_step(step)}"
    if change["beyond"]:
        yield "", f"  {_BEYOND[change['beyond']]}"
    for needed in change["opening"]:
        yield "", f"  the opening's {needed['field']}: {_COMPARISONS[needed['comparison']]}{_value(needed['value'])}"


def _step(step: dict[str, Any]) -> str:
    if step["kind"] == "verify":
        return f"verify award {step['award_id']} ({step['credential']})"
    weeks = "training of unknown length" if step["weeks"] is None else f"{step['weeks']} weeks of training"
    return f"earn {step['credential']}: {weeks}"
