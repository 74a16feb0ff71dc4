"""The pages on which an organisation's administrators look after its API keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from fastapi import Response
from starlette.routing import Route

from makersync.http.key_bodies import MOST_GRACE_SECONDS, USUAL_GRACE_SECONDS, IssuedKey, KeyRequest, Rotation
from makersync.http.key_issuing import demand_known, issued
from makersync.http.key_rotation import MANAGE_KEYS, rotated, seen_key
from makersync.http.key_routes import revoked
from makersync.http.key_succession import MOST_LIVE, replacement_of
from makersync.http.keys import is_live, keys_of
from makersync.http.problems import Problem, ValidationProblem
from makersync.pages.form_bodies import body_of, errors_of_groups
from makersync.pages.once import shown_once
from makersync.pages.reauthentication import Reauthentication
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from makersync.store.tables import ApiKeyRow

KEYS = "/integrations/keys"
ONE = KEYS + "/{key_id}"
LONGEST_NAME = 100
#: For how long a key that is replaced stays valid, in seconds.
GRACES: Mapping[str, str] = {
    "0": "Not at all: it ends at once",
    "3600": "1 hour",
    str(USUAL_GRACE_SECONDS): "1 day",
    str(MOST_GRACE_SECONDS): "7 days",
}
_MANAGES = "List, replace and revoke the organisation’s keys"


def key_pages(site: Site, scopes: Mapping[str, str]) -> list[Route]:
    """`scopes` are those that keys of the service may have, with what each allows in words."""
    proof = Reauthentication(site)
    pages = _KeyPages({**scopes, MANAGE_KEYS: _MANAGES}, proof)
    return [
        site.reading(KEYS, pages.list),
        site.changing(KEYS, pages.issue, pages.list, before=proof.demand_both),
        site.reading(ONE, pages.one),
        site.changing(f"{ONE}/rotate", pages.rotate, pages.one, before=proof.demand_both),
        site.changing(f"{ONE}/revoke", pages.revoke, pages.one),
    ]


@dataclass(frozen=True, slots=True)
class _KeyPages:
    """A key outlives the session in which it is made, so that whoever makes one gives the password again. To revoke one asks
    only whether it is meant: whoever finds a key in the wrong place must be quick."""

    scopes: Mapping[str, str]
    proof: Reauthentication

    async def list(self, visit: Visit, problem: Problem | None = None) -> Response:
        return await self._list(visit, problem)

    async def issue(self, visit: Visit) -> Response:
        """The page with the token, which is shown only there."""
        visit.demand(MANAGE_KEYS)
        await self.proof.demand_unchanged(visit)
        wanted = self._wanted(visit)
        row, token = await issued(visit.session, visit.wiring, visit.signed_in.principal, visit.tenant, wanted)
        return shown_once(visit, await self._list(visit, None, token=token, issued_name=row.name))

    async def one(self, visit: Visit, problem: Problem | None = None) -> Response:
        return await self._one(visit, problem)

    async def rotate(self, visit: Visit) -> Response:
        """The page of the new key with its token, which is shown only there."""
        visit.demand(MANAGE_KEYS)
        await self.proof.demand_unchanged(visit)
        grace = visit.form.get("grace_seconds") or str(USUAL_GRACE_SECONDS)
        if grace not in GRACES:
            raise ValidationProblem.of("grace_seconds", "enum", "choose one of the list")
        principal, key_id = visit.signed_in.principal, _key_id(visit)
        made = await rotated(visit.session, visit.wiring, principal, key_id, Rotation(grace_seconds=int(grace)))
        await visit.session.flush()
        assert isinstance(made.body, IssuedKey)
        return shown_once(visit, await self._one(visit, None, token=made.body.token or ""))

    async def revoke(self, visit: Visit) -> Response:
        visit.demand(MANAGE_KEYS)
        await seen_key(visit.session, visit.tenant, _key_id(visit))
        if visit.form.get("meant") != "yes":
            raise ValidationProblem.of("meant", "missing", "tick this to revoke the key")
        descendants = visit.form.get("descendants") == "yes"
        await revoked(visit.session, visit.wiring, visit.signed_in.principal, visit.tenant, _key_id(visit), descendants)
        return see_other(f"{KEYS}/{_key_id(visit)}?done=revoked")

    async def _list(self, visit: Visit, problem: Problem | None, token: str = "", issued_name: str = "") -> Response:
        visit.demand(MANAGE_KEYS)
        rows = await keys_of(visit.session, visit.tenant, visit.wiring.clock.now())
        replaced = {row.replaces for row in rows}
        return visit.page(
            "keys.html",
            200 if problem is None else problem.status,
            keys=[(row, _state(row, visit, row.id in replaced)) for row in rows],
            scopes=self.scopes,
            token=token,
            issued_name=issued_name,
            chosen=visit.form.fields.get("scopes", ()) if problem else (),
            typed={name: visit.form.get(name) for name in ("name", "ends_on")} if problem else {},
            longest_name=LONGEST_NAME,
            most=MOST_LIVE,
            today=visit.wiring.clock.today(),
            **await self.proof.asked_for(visit),
            **_refused(problem),
        )

    async def _one(self, visit: Visit, problem: Problem | None, token: str = "") -> Response:
        visit.demand(MANAGE_KEYS)
        row = await seen_key(visit.session, visit.tenant, _key_id(visit))
        successor = await replacement_of(visit.session, row.id)
        return visit.page(
            "key.html",
            200 if problem is None else problem.status,
            key=row,
            state=_state(row, visit, successor is not None),
            successor=successor,
            made_from=row.replaces and await visit.session.get(ApiKeyRow, row.replaces),
            scopes=self.scopes,
            token=token,
            graces=list(GRACES.items()),
            grace=visit.form.get("grace_seconds") or str(USUAL_GRACE_SECONDS),
            sent_to=visit.request.url.path.rpartition("/")[2],
            done=_DONE.get(visit.request.query_params.get("done", ""), ""),
            **await self.proof.asked_for(visit),
            **_refused(problem),
        )

    def _wanted(self, visit: Visit) -> KeyRequest:
        """Raises ValidationProblem."""
        form, scopes = visit.form, [*visit.form.fields.get("scopes", ())]
        if not scopes:
            raise ValidationProblem.of("scopes", "missing", "choose at least one thing that the key may do")
        demand_known(scopes, self.scopes)
        values: dict[str, Any] = {"name": form.line("name", LONGEST_NAME), "scopes": scopes}
        end = _end_of_day(visit)
        return body_of(KeyRequest, values | {"expires_at": end and end.isoformat()})


_DONE = {"revoked": "The key is revoked. Whatever still uses it is refused from now on."}


def _end_of_day(visit: Visit) -> datetime | None:
    """When a key ends that is valid through the day that was typed. Raises ValidationProblem."""
    typed = visit.form.get("ends_on").strip()
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
        end = datetime.combine(day + timedelta(days=1), time.min, visit.wiring.settings.zone)
    except (ValueError, OverflowError) as error:
        raise ValidationProblem.of("ends_on", "date_format", "must be a date such as 2027-11-22") from error
    if end <= visit.wiring.clock.now():
        raise ValidationProblem.of("ends_on", "future", "must not have passed")
    return end


def _state(row: ApiKeyRow, visit: Visit, is_replaced: bool) -> str:
    """`revoked`, `expired`, `replaced` while it is still valid beside the key that follows it, or `valid`."""
    if row.revoked_at is not None:
        return "revoked"
    if not is_live(row, visit.wiring.clock.now()):
        return "expired"
    return "replaced" if is_replaced else "valid"


def _refused(problem: Problem | None) -> dict[str, Any]:
    return {"problem": problem, "errors": errors_of_groups(problem)}


def _key_id(visit: Visit) -> str:
    return str(visit.request.path_params["key_id"])
