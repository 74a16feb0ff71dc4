"""Requests that the service accepts."""

from typing import Any

import httpx

from .conftest import Caller

#: York, Pennsylvania: a market of its own, with Lancaster, Harrisburg and Baltimore within 100 km.
YORK = "17401"
YORK_REGION = "49620"
BADGE = "nims:cnc-milling-operator"
ISSUER = "National Institute for Metalworking Skills"


def learner(**changed: Any) -> dict[str, Any]:
    return {"person": {"name": "Ada Byron", "email": "ada@example.org"}, "zip": YORK, "reach_km": 5, "seeking": True} | changed


def award(**changed: Any) -> dict[str, Any]:
    return {"credential": BADGE, "issued_on": "2026-01-10", "expires_on": "2028-01-10"} | changed


def cohort(**changed: Any) -> dict[str, Any]:
    plan = {"seats": 12, "enrolled": 3, "starts_on": "2027-01-04", "ends_on": "2027-03-26"}
    return {"credential": BADGE, "region": YORK_REGION} | plan | changed


def definition(**changed: Any) -> dict[str, Any]:
    confers = [{"competency": "machining.cnc-milling", "level": 2}]
    return {"name": "York Mill Starter", "issuer": "York Technical", "confers": confers, "training_weeks": 3} | changed


async def register(caller: Caller, **changed: Any) -> str:
    """The id of a new learner."""
    return str(accepted(await caller.post("/v1/learners", learner(**changed)))["learner_id"])


async def record(caller: Caller, learner_id: str, **changed: Any) -> str:
    """The id of a new award."""
    return str(accepted(await caller.post(f"/v1/learners/{learner_id}/awards", award(**changed)))["award_id"])


def accepted(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    document: dict[str, Any] = answer.json()
    return document


def refused(answer: httpx.Response, status: int) -> list[tuple[str, str]]:
    """The fields and rules that a problem names."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    return [(error["field"], error["rule"]) for error in answer.json().get("errors", [])]


def conflict(answer: httpx.Response) -> str:
    """The rule by which the present state refuses the request."""
    assert answer.status_code == 409, answer.text
    rule: str = answer.json()["rule"]
    return rule


async def erase(caller: Caller, learner_id: str) -> None:
    version = accepted(await caller.get(f"/v1/learners/{learner_id}"))["version"]
    assert (await caller.change("DELETE", f"/v1/learners/{learner_id}", version)).status_code == 204
