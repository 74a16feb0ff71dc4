"""What the API's rules say of a form, beside its fields and in the words of the page."""

import re
from collections.abc import Mapping

from pydantic import ValidationError

from makersync.http.answers import problem_of
from makersync.http.problems import FieldError, Problem
from openings.domain.opening import Terms
from openings.entrypoints.opening_bodies import OpeningBody
from openings.entrypoints.opening_form import LABELS, TypedOpening

_AMOUNT = "must be an amount in dollars, such as 25 or 25.50"
_WHOLE = "must be a whole number"
#: The page's words by field and rule, or by rule alone where they fit every field.
_WORDS: Mapping[tuple[str, str], str] = {
    ("", "missing"): "must be filled in",
    ("", "int_type"): _WHOLE,
    ("wage_min", "int_type"): _AMOUNT,
    ("wage_max", "int_type"): _AMOUNT,
    ("zip", "string_pattern_mismatch"): "must have five digits",
    ("zip", "one_place"): "give a ZIP code, or choose remote work, and not both",
    ("occupation", "string_pattern_mismatch"): "type a part of the occupation’s name, and choose one of those that are found",
    ("wage_max", "pay_order"): "must not be below the lowest pay",
    ("start_by", "date_order"): "must not be before the last day for candidates",
    ("zip", "same_region"): "is in another region; copy this opening as a new one, and close it",
    ("groups", "no_requirement"): "ask for something: without a requirement everyone is a candidate",
    ("any_of", "too_short"): "choose at least one credential or competency",
    ("any_of", "empty"): "choose at least one credential or competency",
    ("credential", "unknown_credential"): "is not in the catalog any more; remove it",
    ("competency", "unknown_competency"): "is not in the catalog any more; remove it",
}
_GROUP = re.compile(r"\bgroups\.(\d+)")


def terms_of_form(typed: TypedOpening) -> Terms:
    """The terms, by the same body as the API's. Raises ValidationProblem."""
    try:
        return OpeningBody.model_validate(typed.body()).terms()
    except ValidationError as error:
        raise problem_of(error.errors()) from error


def errors_by_field(problem: Problem | None) -> dict[str, str]:
    """What is wrong with each field, by its path, which is also its name in the form."""
    found: dict[str, str] = {}
    for each in problem.errors if problem else ():
        found.setdefault(each.field, _in_words(each))
    return found


def place_name(path: str) -> str:
    """What the page calls the field at a path of the API's body."""
    group = _GROUP.match(path)
    return f"Requirement {int(group[1]) + 1}" if group else LABELS.get(path.partition(".")[0], path)


def _in_words(error: FieldError) -> str:
    name = error.field.rpartition(".")[2]
    said = _WORDS.get((name, error.rule)) or _WORDS.get(("", error.rule)) or error.detail
    return _GROUP.sub(lambda found: f"requirement {int(found[1]) + 1}", said)
