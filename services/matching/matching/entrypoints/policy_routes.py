"""What operators see of the policy."""

from fastapi import APIRouter

from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from matching.adapters.policy_repository import live_policy


def policy_routes() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["markets"], route_class=CheckedRoute)

    @router.get("/policy", summary="The policy in use")
    async def policy(_operator: Operator, session: Reading) -> dict[str, int]:
        return (await live_policy(session)).to_dict()

    return router
