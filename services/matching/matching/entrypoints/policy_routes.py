"""What operators see of the policy."""

from fastapi import APIRouter

from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from matching.adapters.policy_repository import live_policy
from matching.entrypoints.policy_views import PolicyView


def policy_routes() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["markets"], route_class=CheckedRoute)

    @router.get("/policy", summary="Read the policy in use")
    async def read_policy(_operator: Operator, session: Reading) -> PolicyView:
        """Every number of MARKET.md sections 8 to 13 that an operator may set. Results carry the version of the policy that
        they stand on; after a change, partitions take it up one by one. `makersync policy apply` makes a new version."""
        return PolicyView.model_validate((await live_policy(session)).to_dict())

    return router
