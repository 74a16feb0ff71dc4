"""Forms as the bodies of the API's routes: the same checks, and problems that name the same fields."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from makersync.http.answers import problem_of
from makersync.http.bodies import RequestModel
from makersync.http.problems import Problem
from makersync.http.versions import Precondition
from makersync.pages.forms import SentForm

#: The name of the field that holds the version that a form was made from.
VERSION = "version"
Body = TypeVar("Body", bound=RequestModel)


def body_of(model: type[Body], values: Mapping[str, Any]) -> Body:
    """Raises ValidationProblem."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise problem_of(error.errors()) from error


def filled(form: SentForm, names: Iterable[str]) -> dict[str, str]:
    """The fields of a form in which something was typed."""
    typed = {name: form.get(name) for name in names}
    return {name: text for name, text in typed.items() if text.strip()}


def version_of(form: SentForm) -> Precondition:
    """The version that the form was made from: a change of another is refused."""
    return Precondition(frozenset({f'"{form.get(VERSION)}"'}))


def demand_shown_version(form: SentForm, version: int) -> None:
    """Of an act that takes no other content. A page from before forms of such acts said their version still works. Raises
    StaleVersion."""
    if form.get(VERSION):
        version_of(form).demand(version)


def errors_of(problem: Problem | None) -> dict[str, str]:
    """What is wrong with each field, to be shown beside it."""
    return {each.field: each.detail for each in problem.errors} if problem else {}


def errors_of_groups(problem: Problem | None) -> dict[str, str]:
    """The same, with what is wrong with one of several boxes beside all of them: `types` for `types.0`."""
    return {field.partition(".")[0]: detail for field, detail in errors_of(problem).items()}
