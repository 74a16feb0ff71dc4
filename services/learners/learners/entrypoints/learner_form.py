"""The form of a learner's profile, as the API's bodies take it."""

from typing import Any

from learners.domain.learner import SHIFTS
from learners.entrypoints.learner_bodies import LearnerBody, LearnerPatch
from learners.entrypoints.learner_views import PersonalLearnerView
from makersync.http.problems import ValidationProblem
from makersync.pages.amounts import cents_of, dollars_of
from makersync.pages.form_bodies import body_of
from makersync.pages.forms import SentForm

#: Fields of one line of text, as the form names them.
LINES = (
    "person.name",
    "person.email",
    "person.phone",
    "person.student_number",
    "zip",
    "reach_km",
    "available_from",
    "wage_floor",
)
TICKS = ("remote_ok", "seeking", "consents_to_matching")


def new_learner(form: SentForm) -> LearnerBody:
    """Raises ValidationProblem."""
    return body_of(LearnerBody, _profile(form) | {"consents_to_matching": form.get("consents_to_matching") == "yes"})


def changed_learner(form: SentForm) -> LearnerPatch:
    """Everything that the form shows. Raises ValidationProblem."""
    return body_of(LearnerPatch, _profile(form))


def typed(form: SentForm) -> dict[str, Any]:
    """What was typed, to be shown once more."""
    ticked = {name: form.get(name) == "yes" for name in TICKS}
    return {name: form.get(name) for name in LINES} | ticked | {"shifts": list(form.fields.get("shifts", ()))}


def stored(view: PersonalLearnerView) -> dict[str, Any]:
    """What is known of a learner, as it would have been typed."""
    return {
        "person.name": view.person.name,
        "person.email": view.person.email or "",
        "person.phone": view.person.phone or "",
        "person.student_number": view.person.student_number or "",
        "zip": view.zip,
        "reach_km": str(view.reach_km),
        "available_from": view.available_from.isoformat() if view.available_from else "",
        "wage_floor": dollars_of(view.wage_floor),
        "remote_ok": view.remote_ok,
        "seeking": view.seeking,
        "consents_to_matching": view.consents_to_matching,
        "shifts": list(view.shifts),
    }


def _profile(form: SentForm) -> dict[str, Any]:
    """Raises ValidationProblem."""
    text = {name: form.get(name).strip() for name in LINES}
    return {
        "person": {
            "name": text["person.name"],
            "email": text["person.email"] or None,
            "phone": text["person.phone"] or None,
            "student_number": text["person.student_number"] or None,
        },
        "zip": text["zip"],
        "reach_km": _whole("reach_km", text["reach_km"]),
        "remote_ok": form.get("remote_ok") == "yes",
        "seeking": form.get("seeking") == "yes",
        "available_from": text["available_from"] or None,
        "shifts": [shift for shift in SHIFTS if shift in form.fields.get("shifts", ())],
        "wage_floor": _cents("wage_floor", text["wage_floor"]),
    }


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValidationProblem.of(name, "int_type", "must be a whole number, such as 40")
    return int(text)


def _cents(name: str, text: str) -> int | None:
    """US cents of an amount in US dollars."""
    if not text:
        return None
    cents = cents_of(text)
    if cents is None or not 0 <= cents <= 10**9:
        raise ValidationProblem.of(name, "out_of_range", "must be US dollars an hour, such as 24.50")
    return cents
