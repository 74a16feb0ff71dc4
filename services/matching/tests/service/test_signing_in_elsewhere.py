"""Operators sign in to matching at an OpenID provider, by the same rules as other members."""

from service_world import World
from visits import COOKIE, app_of, invited_operator, operator_of, visitor_of, wiring_of

from tests.visiting.browser import PASSWORD
from tests.visiting.openid_provider import openid_provider
from tests.visiting.signing_in_elsewhere import came_back, set_up


async def test_operators_link_an_account_or_join_with_one(world: World) -> None:
    app = app_of(world)
    async with openid_provider(world.clock.now) as provider, operator_of(world, app) as operator:
        set_up(app, wiring_of(world), provider)
        await operator.open("/account")
        assert (await came_back(operator, "/account/provider/link", present=PASSWORD)).status_code == 303
        operator.http.cookies.delete(COOKIE.name)
        assert (await came_back(operator)).status_code == 303
        assert (await operator.open("/markets")).status_code == 200
        async with visitor_of(world, app) as another:
            path = await invited_operator(world)
            assert (await came_back(another, f"{path}/oidc", name="Al")).status_code == 409, "the account is another's"
            provider.subject = "sub-al"
            assert (await came_back(another, f"{path}/oidc", name="Al")).status_code == 303
            assert (await another.open("/markets")).status_code == 200
