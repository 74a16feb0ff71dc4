"""The judge of pages judges."""

import pytest

from tests.visiting.accessibility import barriers
from tests.visiting.chromium import chromium_page

pytestmark = pytest.mark.browser


async def test_what_keeps_people_out_is_named_with_where_it_is() -> None:
    """Guards: a judge that finds nothing anywhere."""
    async with chromium_page("http://nowhere.example") as page:
        await page.set_content("<!doctype html><html lang='en'><title>x</title><main><h1>x</h1><input></main>")
        [found] = await barriers(page)
    assert found.startswith("label: ") and "<input>" in found
