"""Who sees what: a foreign object answers exactly as an absent one."""

import re
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI

from learners.entrypoints.members_offer import MEMBERS
from makersync.http.keys import KeyGrant, issue_key
from makersync.http.wiring import Wiring
from makersync.members.joining import Joining, MemberInvitation
from makersync.runtime.service import Context

from .conftest import Caller, Published
from .events import Feed, match
from .introducing import asked
from .samples import accepted, cohort, definition, record, refused, register

COMPLETION = {"issued_on": "2026-11-01"}
BODIES: dict[str, Any] = {
    "/renewal": {"expires_on": "2031-01-01"},
    "/decline": {"reason": "pay"},
    "/completion": COMPLETION,
    "/consent": {"consents_to_matching": True},
    "/rotation": {"grace_seconds": 0},
    "/approval": {},
    "/replay": {"first": 1},
    "patch /v1/webhooks/{webhook_id}": {"description": "Mine"},
    "patch /v1/mail-recipients/{recipient_id}": {"description": "Mine"},
    "/rejection": {"reason": "No."},
    "post /v1/learners/{learner_id}/awards": {"credential": "mssc:cpt"},
    "post /v1/learners/{learner_id}/merges": {"learner_id": "lrn_1", "version": 1},
    "patch /v1/learners/{learner_id}": {"reach_km": 7},
    "patch /v1/learners/{learner_id}/awards/{award_id}": {"issued_on": "2026-01-11"},
    "patch /v1/cohorts/{cohort_id}": {"seats": 1},
    "post /v1/cohorts/{cohort_id}/enrolments": {"learner_id": "lrn_1"},
    "put /v1/catalog/credentials/{credential_id}": definition(),
    "put /v1/catalog/competencies/{competency_id}": {"name": "Mine"},
    "put /v1/catalog/credentials/{credential_id}/retirement": {"reason": "Mine"},
    "post /v1/providers/{organisation_id}/restoration": {"name": "Mine"},
    "post /v1/providers/{organisation_id}/member-invitations": {"address": "jo@york.example", "role": "reader"},
    "post /v1/providers/{organisation_id}/keys": {"name": "x", "scopes": ["learners:read"]},
}
#: Everybody's, or an operator's alone: there is nothing foreign in them.
OF_NOBODY = ("/v1/catalog/credentials/", "/v1/catalog/competencies/", "/v1/signals/", "/v1/pathways/")
#: A token of their own is the right to them: no API key is asked for.
BY_TOKEN = ("/v1/learner-answers/", "/v1/contacts/")
OF_OPERATORS = ("{organisation_id}", "/v1/operators/", "/v1/accreditations/", "/approval", "/rejection", "/seeking-since")


@pytest.fixture
async def context(context: Context) -> Context:
    """With mail, so that there are recipients."""
    return replace(context, settings=context.settings.model_copy(update={"public_address": "https://mail.test"}))


def body_of(method: str, path: str) -> Any:
    return next((body for name, body in BODIES.items() if f"{method} {path}".endswith(name)), None)


def routes_with_ids(app: FastAPI) -> list[tuple[str, str]]:
    paths = app.openapi()["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods if "{" in path]


async def answers(caller: Caller, method: str, path: str, ids: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
    address = re.sub(r"\{(\w+)\}", lambda name: ids[name[1]], path)
    answer = await caller.change(method.upper(), address, 1, body_of(method, path))
    headers = {name: value for name, value in answer.headers.items() if name != "x-correlation-id"}
    return answer.status_code, answer.json(), headers


async def test_every_route_answers_for_a_foreign_object_as_for_an_absent_one(
    app: FastAPI, york: Caller, lima: Caller, wiring: Wiring, feed: Feed, published: Published
) -> None:
    learner_id = await register(york)
    award_id = await record(york, learner_id)
    planned = accepted(await york.post("/v1/cohorts", cohort()))
    proposed = accepted(await york.post("/v1/catalog/proposals", definition(id="york:starter")))
    await feed.batch(match("MatchProposed", 1, learner_id))
    await feed.batch(asked(learner_id))
    async with wiring.store.transaction() as session:
        key, _ = issue_key(session, wiring.pepper, wiring.clock, KeyGrant("prv_york", "theirs", ["learners:read"]))
        joining = Joining(session, wiring.pepper, wiring.clock, MEMBERS)
        invited = await joining.invite(MemberInvitation("prv_york", "jo@york.example", "reader"))
        member = await joining.join(invited.token, "Jo", "")
    assert member is not None
    webhook = accepted(await york.post("/v1/webhooks", {"url": "https://sis.example.org/"}))["webhook"]["id"]
    tested = accepted(await york.post(f"/v1/webhooks/{webhook}/test"))
    recipient = accepted(await york.post("/v1/mail-recipients", {"address": "a@york.test", "types": {}}))
    foreign = {
        "webhook_id": webhook,
        "delivery_id": tested["id"],
        "recipient_id": recipient["id"],
        "learner_id": learner_id,
        "introduction_id": "int_1",
        "award_id": award_id,
        "cohort_id": planned["cohort_id"],
        "proposal_id": proposed["proposal_id"],
        "provider_id": "prv_york",
        "organisation_id": "prv_york",
        "accreditation_id": "acc_1",
        "key_id": key.id,
        "member_id": member,
    }
    absent = dict.fromkeys(foreign, "lrn_0") | {"key_id": "0" * 16}
    before = (await york.get(f"/v1/learners/{learner_id}")).json(), await published.kinds()
    routes = [(method, path) for method, path in routes_with_ids(app) if not path.startswith(OF_NOBODY + BY_TOKEN)]
    assert len(routes) >= 40
    for method, path in routes:
        told_of_foreign = await answers(lima, method, path, foreign)
        assert told_of_foreign == await answers(lima, method, path, absent), (method, path)
        expected = (403, "scope_missing") if any(part in path for part in OF_OPERATORS) else (404, "no_such_thing")
        assert (told_of_foreign[0], told_of_foreign[1]["rule"]) == expected, (method, path, told_of_foreign)
    assert ((await york.get(f"/v1/learners/{learner_id}")).json(), await published.kinds()) == before


async def test_an_award_of_another_learner_is_absent(york: Caller) -> None:
    mine, other = await register(york), await register(york)
    award_id = await record(york, other)
    answer = await york.change("POST", f"/v1/learners/{mine}/awards/{award_id}/suspension", 1)
    assert answer.status_code == 404


async def test_lists_show_only_ones_own(york: Caller, lima: Caller, feed: Feed) -> None:
    learner_id = await register(york)
    await york.post("/v1/cohorts", cohort())
    await feed.batch(asked(learner_id))
    for collection in ("/v1/learners", "/v1/cohorts", "/v1/catalog/proposals", "/v1/introductions"):
        assert (await lima.get(collection)).json()["items"] == []


async def test_operators_do_not_see_learners(york: Caller, operator: Caller) -> None:
    path = f"/v1/learners/{await register(york)}"
    for address in ("/v1/learners", path, f"{path}/matches", "/v1/cohorts", "/v1/introductions"):
        assert (await operator.get(address)).status_code == 403


async def test_requests_without_a_key_are_refused(app: FastAPI, york: Caller) -> None:
    nobody = Caller(york.http, {})
    for path, methods in app.openapi()["paths"].items():
        if path in {"/healthz", "/readyz"} or path.startswith(BY_TOKEN):
            continue
        for method in methods:
            address = re.sub(r"\{\w+\}", "0" * 16, path)
            answer = await nobody.send(method.upper(), address, json={})
            assert (answer.status_code, answer.json()["rule"]) == (401, "key_missing"), (method, path)
            malformed = {"content": b"{", "headers": {"Content-Type": "application/json", "If-Match": "x"}}
            answer = await nobody.send(method.upper(), address + "?nothing=%00", **malformed)
            assert answer.status_code == 401, (method, path)


async def test_a_key_does_what_its_scopes_allow(york: Caller, caller: Any) -> None:
    reading, writing = await caller("prv_york", ["learners:read"]), await caller("prv_york", ["learners:write"])
    path = f"/v1/learners/{await register(writing)}"
    assert (await reading.get(path)).status_code == 200
    assert (await writing.get(path)).status_code == 403
    assert (await reading.change("PATCH", path, 1, {"reach_km": 9})).status_code == 403


async def test_operators_bring_in_providers_and_hand_out_keys_that_work(operator: Caller, york: Caller) -> None:
    made = await operator.post("/v1/providers", {"name": "  Harford  Tech "}, Idempotency_Key="k")
    assert (await operator.post("/v1/providers", {"name": "  Harford  Tech "}, Idempotency_Key="k")).json() == made.json()
    provider = {name: value for name, value in accepted(made).items() if name != "warnings"}
    assert provider["name"] == "Harford Tech"
    path = made.headers["Location"]
    assert (await operator.get(path)).json() == provider
    assert provider in (await operator.get("/v1/providers")).json()["items"]
    issued = accepted(await operator.post(f"{path}/keys", {"name": "desk", "scopes": ["learners:write"]}))
    uow = Caller(york.http, {"Authorization": f"Bearer {issued['token']}"})
    await register(uow)
    assert refused(await operator.post(f"{path}/keys", {"name": "x", "scopes": ["openings:read"]}), 422)
    assert (await york.get("/v1/providers")).status_code == 403
    assert (await operator.get("/v1/providers/prv_none")).status_code == 404
    assert accepted(await york.get("/v1/providers/prv_york"))["name"] == "prv_york"


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\nb\x07", 7, None])
async def test_a_provider_needs_a_printable_name(operator: Caller, name: Any) -> None:
    assert refused(await operator.post("/v1/providers", {"name": name}), 422)
