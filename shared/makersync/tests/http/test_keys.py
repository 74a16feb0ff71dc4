"""API keys: what each may do and for how long, and that the database holds no secret."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.errors import OperatorError
from makersync.http.keys import OPERATOR, Principal
from makersync.http.pepper import read_pepper
from makersync.http.problems import Forbidden
from makersync.settings import Settings
from makersync.store.database import Store
from makersync.store.tables import ApiKeyRow, AuditRow, KitModel

from .conftest import NOW, Keys, bearer, opened_store

Headers = dict[str, str]


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with opened_store(database_url) as store:
        yield store


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """The status, and the rule that the problem names."""
    return answer.status_code, answer.json()["rule"]


async def test_request_without_a_key_is_told_how_to_send_one(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/notices")
    assert refusal(answer) == (401, "key_missing")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["type"] == "urn:makersync:problem:unauthorized"


@pytest.mark.parametrize("token", ["x", "mks_0123456789abcdef_short", "mks_" + "0" * 16 + "_" + "A" * 43, "mks__"])
async def test_unknown_key_is_refused(client: httpx.AsyncClient, token: str) -> None:
    answer = await client.get("/v1/notices", headers=bearer(token))
    assert refusal(answer) == (401, "key_unknown")
    assert token not in answer.text


async def test_other_scheme_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/notices", headers={"Authorization": "Basic bWtz"})
    assert refusal(answer) == (401, "key_missing")


async def test_wrong_secret_of_a_known_key_is_refused(client: httpx.AsyncClient, keys: Keys) -> None:
    token = await keys.token("acme", ["notices:read"])
    forged = token[:-3] + ("aaa" if not token.endswith("aaa") else "bbb")
    answer = await client.get("/v1/notices", headers=bearer(forged))
    assert refusal(answer) == (401, "key_unknown")
    await client.delete(f"/v1/keys/{token.split('_')[1]}", headers=bearer(token))
    assert (await client.get("/v1/notices", headers=bearer(forged))).json() == answer.json()


async def test_key_ends_when_it_expires(client: httpx.AsyncClient, keys: Keys, clock: ManualClock) -> None:
    headers = bearer(await keys.token("acme", ["notices:read"], expires_at=NOW + timedelta(hours=1)))
    assert (await client.get("/v1/notices", headers=headers)).status_code == 200
    clock.move_to(NOW + timedelta(hours=1))
    answer = await client.get("/v1/notices", headers=headers)
    assert refusal(answer) == (401, "key_expired")


async def test_missing_scope_is_named(client: httpx.AsyncClient, keys: Keys) -> None:
    headers = await keys.headers("acme", ["notices:read"])
    answer = await client.post("/v1/notices", json={"title": "x"}, headers=headers)
    assert refusal(answer) == (403, "scope_missing")
    assert "notices:write" in answer.json()["detail"]


async def test_an_operators_key_does_not_act_for_an_organisation(
    client: httpx.AsyncClient, operator: Headers, keys: Keys
) -> None:
    assert refusal(await client.get("/v1/notices", headers=operator)) == (403, "scope_missing")
    reading_operator = await keys.headers(None, [OPERATOR, "notices:read"])
    for path in ("/v1/notices", "/v1/keys"):
        assert refusal(await client.get(path, headers=reading_operator)) == (403, "organisations_only")


async def test_an_organisations_key_with_the_operator_scope_is_not_an_operators(client: httpx.AsyncClient, keys: Keys) -> None:
    """Scopes come only from the database; even if an organisation's key had this one, it would not be an operator's."""
    principal = Principal("k", "acme", frozenset({OPERATOR}))
    assert not principal.is_operator
    assert not principal.may("operator:replay")
    assert Principal("k", None, frozenset({OPERATOR})).may("operator:replay")
    with pytest.raises(Forbidden):
        _ = Principal("k", None, frozenset({OPERATOR})).tenant
    headers = await keys.headers("acme", [OPERATOR])
    assert (await client.get("/v1/employers/bolt/keys", headers=headers)).status_code == 403


async def test_issued_key_works_and_is_shown_once(client: httpx.AsyncClient, operator: Headers, store: Store) -> None:
    wanted = {"name": "ci", "scopes": ["notices:read"]}
    issued = await client.post("/v1/employers/acme/keys", json=wanted, headers=operator)
    assert issued.status_code == 201
    assert issued.headers["Cache-Control"] == "no-store"
    token = issued.json()["token"]
    assert (await client.get("/v1/notices", headers=bearer(token))).status_code == 200
    listed = await client.get("/v1/employers/acme/keys", headers=operator)
    assert listed.json()["items"] == [issued.json()["key"]]
    assert token.split("_", 2)[2] not in listed.text
    async with store.reading() as session:
        [audited] = (await session.exec(select(AuditRow))).all()
        assert (audited.action, audited.subject) == ("key_issued", issued.json()["key"]["id"])


async def test_the_database_holds_no_secret(client: httpx.AsyncClient, operator: Headers, store: Store) -> None:
    wanted = {"name": "ci", "scopes": ["notices:read"]}
    headers = operator | {"Idempotency-Key": "k"}
    secret = (await client.post("/v1/employers/acme/keys", json=wanted, headers=headers)).json()["token"].split("_", 2)[2]
    async with store.reading() as session:
        connection = await session.connection()
        tables = KitModel.metadata.tables.values()
        content = str([(await connection.execute(table.select())).all() for table in tables])
    assert "notices:read" in content
    assert secret not in content
    assert operator["Authorization"].split("_", 2)[2] not in content


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"name": "ci", "scopes": ["notices:read", "operator"]}, "scopes.1"),
        ({"name": "ci", "scopes": []}, "scopes"),
        ({"name": "", "scopes": ["notices:read"]}, "name"),
        ({"name": "ci", "scopes": ["notices:read"], "expires_at": "2026-03-01T00:00:00Z"}, "expires_at"),
        ({"name": "ci", "scopes": ["notices:read"], "expires_at": "2027-03-01T00:00:00"}, "expires_at"),
        ({"name": "ci", "scopes": ["notices:read"], "expires_at": "9999-12-31T23:59:59-14:00"}, "expires_at"),
    ],
)
async def test_a_key_with_an_unknown_scope_or_a_past_end_is_refused(
    client: httpx.AsyncClient, operator: Headers, wanted: dict[str, object], field: str
) -> None:
    answer = await client.post("/v1/employers/acme/keys", json=wanted, headers=operator)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_keys_of_an_unknown_organisation_are_not_found(client: httpx.AsyncClient, operator: Headers) -> None:
    assert refusal(await client.get("/v1/employers/nobody/keys", headers=operator)) == (404, "no_such_thing")
    wanted = {"name": "ci", "scopes": ["notices:read"]}
    assert refusal(await client.post("/v1/employers/nobody/keys", json=wanted, headers=operator)) == (404, "no_such_thing")


async def test_organisations_cannot_issue_keys(client: httpx.AsyncClient, acme: Headers) -> None:
    wanted = {"name": "ci", "scopes": ["notices:read"]}
    assert refusal(await client.post("/v1/employers/acme/keys", json=wanted, headers=acme)) == (403, "scope_missing")


async def test_operator_revokes_a_key(client: httpx.AsyncClient, operator: Headers, acme: Headers, bolt: Headers) -> None:
    key_id = key_id_of(acme)
    elsewhere = await client.delete(f"/v1/employers/bolt/keys/{key_id}", headers=operator)
    assert refusal(elsewhere) == (404, "no_such_thing")
    assert (await client.delete(f"/v1/employers/acme/keys/{key_id}", headers=operator)).status_code == 204
    answer = await client.get("/v1/notices", headers=acme)
    assert refusal(answer) == (401, "key_revoked")
    assert (await client.get("/v1/notices", headers=bolt)).status_code == 200


async def test_organisation_sees_only_its_own_keys(client: httpx.AsyncClient, acme: Headers, bolt: Headers) -> None:
    listed = (await client.get("/v1/keys", headers=acme)).json()["items"]
    assert [key["id"] for key in listed] == [key_id_of(acme)]
    assert set(listed[0]) == {"id", "name", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at", "replaces"}
    foreign, absent = [await client.delete(f"/v1/keys/{each}", headers=acme) for each in (key_id_of(bolt), "0" * 16)]
    assert refusal(foreign) == (404, "no_such_thing")
    assert foreign.json() == absent.json()
    assert refusal(await client.get("/v1/keys", headers=bolt)) == (403, "scope_missing")


async def test_rotated_key_stays_valid_for_its_grace(client: httpx.AsyncClient, bolt: Headers, clock: ManualClock) -> None:
    answer = await client.post(f"/v1/keys/{key_id_of(bolt)}/rotation", json={"grace_seconds": 60}, headers=bolt)
    assert answer.status_code == 201
    new = bearer(answer.json()["token"])
    assert (await client.get("/v1/notices", headers=bolt)).status_code == 200
    clock.move_to(NOW + timedelta(seconds=60))
    assert refusal(await client.get("/v1/notices", headers=bolt)) == (401, "key_expired")
    assert (await client.get("/v1/notices", headers=new)).status_code == 200


async def test_rotation_without_grace_ends_the_old_key_at_once(client: httpx.AsyncClient, bolt: Headers) -> None:
    answer = await client.post(f"/v1/keys/{key_id_of(bolt)}/rotation", json={"grace_seconds": 0}, headers=bolt)
    assert (await client.get("/v1/notices", headers=bearer(answer.json()["token"]))).status_code == 200
    assert refusal(await client.get("/v1/notices", headers=bolt)) == (401, "key_revoked")


async def test_rotating_another_key_grants_no_more_than_the_callers_scopes(
    client: httpx.AsyncClient, acme: Headers, keys: Keys
) -> None:
    greater = await keys.headers("acme", ["notices:read", "payments:write"])
    answer = await client.post(f"/v1/keys/{key_id_of(greater)}/rotation", json={}, headers=acme)
    assert refusal(answer) == (403, "exceeds_own_scopes")
    lesser = await keys.headers("acme", ["notices:read"])
    assert (await client.post(f"/v1/keys/{key_id_of(lesser)}/rotation", json={}, headers=acme)).status_code == 201
    answer = await client.post(f"/v1/keys/{key_id_of(acme)}/rotation", json={}, headers=lesser)
    assert refusal(answer) == (403, "scope_missing")


async def test_ended_key_cannot_be_rotated(client: httpx.AsyncClient, acme: Headers, keys: Keys) -> None:
    other = await keys.headers("acme", ["notices:read"])
    assert (await client.delete(f"/v1/keys/{key_id_of(other)}", headers=acme)).status_code == 204
    answer = await client.post(f"/v1/keys/{key_id_of(other)}/rotation", json={}, headers=acme)
    assert refusal(answer) == (409, "key_ended")


async def test_key_can_revoke_itself_but_not_its_neighbour(client: httpx.AsyncClient, bolt: Headers, keys: Keys) -> None:
    neighbour = await keys.headers("bolt", ["notices:read"])
    assert (await client.delete(f"/v1/keys/{key_id_of(neighbour)}", headers=bolt)).status_code == 403
    assert (await client.delete(f"/v1/keys/{key_id_of(bolt)}", headers=bolt)).status_code == 204
    assert (await client.get("/v1/notices", headers=bolt)).status_code == 401


async def test_same_key_under_another_pepper_is_unknown(client: httpx.AsyncClient, bolt: Headers, store: Store) -> None:
    async with store.transaction() as session:
        row = await session.get_one(ApiKeyRow, key_id_of(bolt))
        row.digest = "0" * 64
    assert (await client.get("/v1/notices", headers=bolt)).status_code == 401


def key_id_of(headers: Headers) -> str:
    return headers["Authorization"].split("_")[1]


async def test_embedded_profile_makes_one_private_pepper(tmp_path: Path) -> None:
    settings = Settings(state_folder=tmp_path / "state")
    peppers = await asyncio.gather(*(asyncio.to_thread(read_pepper, settings) for _ in range(8)))
    assert len(set(peppers)) == 1
    path = tmp_path / "state" / "key-pepper"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["key-pepper"]


def test_cluster_profile_demands_a_pepper(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="MAKERSYNC_KEY_PEPPER"):
        read_pepper(Settings(profile="cluster", state_folder=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_pepper_comes_from_the_setting_or_its_file(tmp_path: Path) -> None:
    file = tmp_path / "pepper"
    file.write_text("f" * 40 + "\n")
    assert read_pepper(Settings(key_pepper=SecretStr("s" * 32), key_pepper_file=file)) == b"s" * 32
    assert read_pepper(Settings(profile="cluster", key_pepper_file=file)) == b"f" * 40


def test_unusable_pepper_is_refused_without_being_shown(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="shorter than 32") as refusal:
        read_pepper(Settings(key_pepper=SecretStr("tooshort")))
    assert "tooshort" not in str(refusal.value)
    with pytest.raises(OperatorError, match="cannot be read"):
        read_pepper(Settings(key_pepper_file=tmp_path / "absent"))


@pytest.mark.parametrize(
    ("principal", "caller"),
    [
        (Principal("0123456789abcdef", None, frozenset({OPERATOR})), "key:0123456789abcdef"),
        (Principal("mem_01", None, frozenset({OPERATOR})), "member:mem_01"),
        (Principal("mem_01", "org_acme", frozenset()), "organisation:org_acme"),
    ],
)
def test_an_operator_who_is_signed_in_is_no_key(principal: Principal, caller: str) -> None:
    assert principal.caller == caller
