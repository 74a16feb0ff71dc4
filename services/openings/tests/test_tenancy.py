"""Who sees what: a request for a foreign object is answered exactly like one for an absent object."""

import re
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI

from makersync.http.keys import KeyGrant, issue_key
from makersync.http.wiring import Wiring
from makersync.members.joining import Joining, MemberInvitation
from makersync.runtime.service import Context
from openings.entrypoints.members_offer import MEMBERS

from .conftest import Caller, Published
from .events import Feed, Match
from .samples import wanted

pytestmark = pytest.mark.usefixtures("catalog")

#: The body that a route with an id needs, by the end of its path.
BODIES: dict[str, Any] = {
    "/fillings": {"add": 1},
    "/rotation": {"grace_seconds": 0},
    "/replay": {"first": 1},
    "{opening_id}": {"title": "Mine now"},
    "{webhook_id}": {"description": "Mine now"},
    "{recipient_id}": {"description": "Mine now"},
    "/restoration": {"name": "Mine"},
    "/introductions": {"learner_id": "lrn_1", "contact": "mine@bolt.example"},
    "/hire": {},
    "/not-hired": {"reason": "other"},
    "/undo-hire": {},
}


@pytest.fixture
async def context(context: Context) -> Context:
    """With mail, so that there are recipients."""
    return replace(context, settings=context.settings.model_copy(update={"public_address": "https://mail.test"}))


def body_of(method: str, path: str) -> Any:
    """Paths that end with an id take a body with PATCH alone."""
    return next(
        (body for name, body in BODIES.items() if path.endswith(name) and method == ("post" if name[0] == "/" else "patch")),
        None,
    )


def routes_with_ids(app: FastAPI) -> list[tuple[str, str]]:
    paths = app.openapi()["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods if "{" in path]


async def published_by(employer: Caller) -> dict[str, Any]:
    """Publishes an opening and returns it as later requests read it."""
    answer = await employer.post("/v1/openings", wanted())
    assert answer.json()["warnings"] == []
    return {name: value for name, value in answer.json().items() if name != "warnings"}


async def answers(caller: Caller, method: str, path: str, ids: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
    address = re.sub(r"\{(\w+)\}", lambda name: ids[name[1]], path)
    answer = await caller.change(method.upper(), address, 1, body_of(method, path))
    headers = {name: value for name, value in answer.headers.items() if name != "x-correlation-id"}
    return answer.status_code, answer.json(), headers


async def test_every_route_answers_for_a_foreign_object_as_for_an_absent_one(
    app: FastAPI, acme: Caller, bolt: Caller, wiring: Wiring, feed: Feed, published: Published
) -> None:
    opening = await published_by(acme)
    await feed.matches(Match(opening["opening_id"], "lrn_1").proposed(1))
    async with wiring.store.transaction() as session:
        key, _ = issue_key(session, wiring.pepper, wiring.clock, KeyGrant("emp_acme", "theirs", ["openings:read"]))
        joining = Joining(session, wiring.pepper, wiring.clock, MEMBERS)
        invited = await joining.invite(MemberInvitation("emp_acme", "jo@acme.example", "reader"))
        member = await joining.join(invited.token, "Jo", "")
    assert member is not None
    webhook = (await acme.post("/v1/webhooks", {"url": "https://ats.example.org/"})).json()["webhook"]["id"]
    delivery = (await acme.post(f"/v1/webhooks/{webhook}/test")).json()["id"]
    foreign = {"opening_id": opening["opening_id"], "employer_id": "emp_acme", "organisation_id": "emp_acme", "key_id": key.id}
    recipient = (await acme.post("/v1/mail-recipients", {"address": "a@acme.test", "types": {}})).json()["id"]
    foreign |= {"webhook_id": webhook, "delivery_id": delivery, "recipient_id": recipient, "member_id": member}
    asked = await acme.post(f"/v1/openings/{opening['opening_id']}/introductions", BODIES["/introductions"])
    foreign["introduction_id"] = asked.json()["introduction_id"]
    preview = await acme.post("/v1/openings/preview?wait=0", wanted())
    foreign["preview_id"] = preview.json()["preview_id"]
    absent = {"opening_id": "opn_0", "employer_id": "emp_0", "organisation_id": "emp_0", "key_id": "0" * 16}
    absent |= {
        "member_id": "mem_0",
        "webhook_id": "whk_0",
        "delivery_id": "dlv_0",
        "recipient_id": "mrc_0",
        "introduction_id": "int_0",
        "preview_id": "pvw_0",
    }
    routes = routes_with_ids(app)
    assert len(routes) >= 28
    for method, path in routes:
        told_of_foreign = await answers(bolt, method, path, foreign)
        assert told_of_foreign == await answers(bolt, method, path, absent), (method, path)
        operators_alone = "{organisation_id}" in path or path.startswith("/v1/operators/")
        expected = (403, "scope_missing") if operators_alone else (404, "no_such_thing")
        assert (told_of_foreign[0], told_of_foreign[1]["rule"]) == expected, (method, path, told_of_foreign)
    assert await published.kinds() == ["OpeningPublished", "IntroductionRequested", "DraftSubmitted"]
    assert (await acme.get(f"/v1/openings/{opening['opening_id']}")).json() == opening | {"candidates": 1}


async def test_a_list_shows_only_the_employers_own_openings(acme: Caller, bolt: Caller) -> None:
    await acme.post("/v1/openings", wanted())
    mine = await published_by(bolt)
    assert (await bolt.get("/v1/openings")).json()["items"] == [mine]
    assert (await bolt.get("/v1/openings", employer_id="emp_acme")).json()["items"] == []


async def test_operators_read_all_openings_and_change_none(operator: Caller, acme: Caller, bolt: Caller) -> None:
    theirs = await published_by(acme)
    other = await published_by(bolt)
    assert (await operator.get("/v1/openings")).json()["items"] == [other, theirs]
    assert (await operator.get("/v1/openings", employer_id="emp_acme")).json()["items"] == [theirs]
    path = f"/v1/openings/{theirs['opening_id']}"
    assert (await operator.get(path)).json() == theirs
    assert (await operator.get(path + "/shortlist")).status_code == 200
    assert (await operator.change("PATCH", path, 1, {"title": "Mine"})).status_code == 403
    assert (await operator.post("/v1/openings", wanted())).status_code == 403


async def test_every_route_but_the_health_checks_refuses_a_caller_without_a_key(app: FastAPI, acme: Caller) -> None:
    nobody = Caller(acme.http, None, {})
    open_to_all = {"/healthz", "/readyz"}
    paths = app.openapi()["paths"]
    for path, methods in paths.items():
        if path in open_to_all:
            continue
        for method in methods:
            address = re.sub(r"\{\w+\}", "0" * 16, path)
            answer = await nobody.send(method.upper(), address, json={})
            assert (answer.status_code, answer.json()["rule"]) == (401, "key_missing"), (method, path)
            malformed = {"content": b"{", "headers": {"Content-Type": "application/json", "If-Match": "x"}}
            answer = await nobody.send(method.upper(), address + "?nothing=%00", **malformed)
            assert answer.status_code == 401, (method, path)


async def test_operators_admit_employers_and_issue_keys_that_work(operator: Caller, acme: Caller) -> None:
    admitted = await operator.post("/v1/employers", {"name": "  York Gears  "}, Idempotency_Key="k")
    again = await operator.post("/v1/employers", {"name": "  York Gears  "}, Idempotency_Key="k")
    assert (admitted.status_code, admitted.json()) == (201, again.json())
    employer_id = admitted.json()["employer_id"]
    assert admitted.json()["name"] == "York Gears"
    issued = await operator.post(f"/v1/employers/{employer_id}/keys", {"name": "shop", "scopes": ["openings:write"]})
    assert issued.status_code == 201, issued.text
    shop = Caller(acme.http, employer_id, {"Authorization": f"Bearer {issued.json()['token']}"})
    opening = await shop.post("/v1/openings", wanted())
    assert (opening.status_code, opening.json()["employer_id"]) == (201, employer_id)
    listed = (await operator.get("/v1/employers")).json()["items"]
    assert {each["employer_id"] for each in listed} == {employer_id, "emp_acme"}
    assert (await operator.get(f"/v1/employers/{employer_id}")).json() | {"warnings": []} == admitted.json()
    wrong = await operator.post(f"/v1/employers/{employer_id}/keys", {"name": "x", "scopes": ["learners:read"]})
    assert wrong.status_code == 422


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\nb", 7, None])
async def test_an_employer_needs_a_printable_name(operator: Caller, name: Any) -> None:
    assert (await operator.post("/v1/employers", {"name": name})).status_code == 422


async def test_employers_cannot_admit_or_list_employers(acme: Caller) -> None:
    assert (await acme.post("/v1/employers", {"name": "Friends"})).status_code == 403
    assert (await acme.get("/v1/employers")).status_code == 403
    assert (await acme.get("/v1/employers/emp_acme")).json()["name"] == "emp_acme"


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ({"region": "00000"}, "unknown_region"),
        ({"occupation": "99-9999.00"}, "unknown_occupation"),
        ({"employer_id": "emp_nobody"}, "unknown_employer"),
        ({"status": "lost"}, "enum"),
    ],
)
async def test_a_filter_by_something_unknown_is_refused(operator: Caller, query: dict[str, str], rule: str) -> None:
    answer = await operator.get("/v1/openings", **query)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["field"], error["rule"]) == (next(iter(query)), rule)
