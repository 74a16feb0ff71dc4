"""What the openings service publishes of introductions, and what the people on both sides do."""

import hashlib
from typing import Any

import httpx

from contracts.topics import INTRODUCTION_REQUEST
from learners.bootstrap import definition
from makersync.runtime.service import Context

from .conftest import Caller
from .events import REGION, Sent
from .samples import accepted, register

INTRODUCTION = "int_1"
ACCESS_ENDS = "2026-11-23T09:00:00Z"
TOKEN = "a-token-of-256-bits"


def asked(
    learner_id: str, kind: str = "IntroductionRequested", version: int = 1, name: str = INTRODUCTION, **changed: Any
) -> Sent:
    """A record of the employer's side. Null fields are left out, as on the topic."""
    ids = {"introduction_id": name, "opening_id": "opn_1", "learner_id": learner_id, "employer_id": "emp_1"}
    job = {"title": "CNC machinist", "employer_name": "Lakeshore Precision", "zip": "17401", "wage_min": 2350, "wage_max": 2825}
    outcomes = [{"id": "milling", "met": True, "evidence": "verified", "awards": ["awd_1"]}, {"id": "cam", "met": False}]
    said = {"message": "Come and see our mill.", "contact": "hiring@lakeshore.example", "outcomes": outcomes, "job": job}
    when = {"asked_at": "2026-11-22T08:00:00Z", "answer_by": "2026-11-27", "region": REGION, "status": "asked"}
    state = ids | said | when | changed
    return INTRODUCTION_REQUEST, kind, name, version, {key: value for key, value in state.items() if value is not None}


def ended(learner_id: str, kind: str, version: int, name: str = INTRODUCTION, **changed: Any) -> Sent:
    """The employer's side after an end: what the employer wrote is not given any more."""
    return asked(learner_id, kind, version, name, **{"outcomes": (), "message": None, "contact": None} | changed)


def hired(learner_id: str, version: int, name: str = INTRODUCTION) -> Sent:
    return ended(learner_id, "PersonHired", version, name, status="hired", hired_on="2026-11-24")


def granted(learner_id: str, version: int, name: str = INTRODUCTION, token: str = TOKEN, expires_at: str = ACCESS_ENDS) -> Sent:
    digest = hashlib.sha256(f"{name}:{token}".encode()).hexdigest()
    access = {"digest": digest, "expires_at": expires_at}
    return asked(learner_id, "ContactAccessGranted", version, name, access=access)


async def candidate(caller: Caller, **changed: Any) -> str:
    """The id of a new learner who can be introduced."""
    return await register(caller, consents_to_matching=True, **changed)


async def introduction(caller: Caller, name: str = INTRODUCTION) -> dict[str, Any]:
    return accepted(await caller.get(f"/v1/introductions/{name}"))


async def act(caller: Caller, action: str, body: Any = None, name: str = INTRODUCTION) -> httpx.Response:
    """Do something about the introduction as it stands."""
    version = (await introduction(caller, name))["version"]
    return await caller.change("POST", f"/v1/introductions/{name}/{action}", version, body)


async def contact(caller: Caller, token: str | None = TOKEN, name: str = INTRODUCTION) -> httpx.Response:
    """What the employer is shown with its token, without an API key."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return await Caller(caller.http, headers).get(f"/v1/contacts/{name}")


async def settle(context: Context) -> None:
    """What the service does by its rules, once."""
    [sweep] = [each for each in definition().periodic(context) if each.name == "settle introductions"]
    await sweep.step()


async def seeks(caller: Caller, learner_id: str) -> tuple[bool, str | None]:
    shown = accepted(await caller.get(f"/v1/learners/{learner_id}"))
    return shown["seeking"], shown["seeking_since"]


async def change_learner(caller: Caller, learner_id: str, **changed: Any) -> None:
    version = accepted(await caller.get(f"/v1/learners/{learner_id}"))["version"]
    accepted(await caller.change("PATCH", f"/v1/learners/{learner_id}", version, changed))


async def consent(caller: Caller, learner_id: str, given: bool) -> None:
    version = accepted(await caller.get(f"/v1/learners/{learner_id}"))["version"]
    body = {"consents_to_matching": given}
    accepted(await caller.change("PUT", f"/v1/learners/{learner_id}/consent", version, body))
