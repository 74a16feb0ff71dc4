"""Matching sends no mail: its operators are invited by links that are shown, and their addresses are called unverified."""

import re

from service_world import World
from visits import operator_of

from tests.visiting.browser import PASSWORD


async def test_an_operator_is_invited_by_a_link_that_is_shown(world: World) -> None:
    """Guards: the service has no tables of mail, in which it would look for a mail server."""
    async with operator_of(world) as operator:
        page = await operator.open("/members")
        assert "address not verified" in page.text and "the address will not be verified" in page.text
        answer = await operator.send("/members/invite", present=PASSWORD, address="al@platform.example", role="operator")
        found = re.search(r"/join/[\w-]+", answer.text)
        assert found is not None and "sends no mail" in (await operator.open("/account")).text
        assert (await operator.send(found[0], name="Al", password=PASSWORD)).status_code == 303
        assert (await operator.open("/members")).text.count("address not verified") == 2
