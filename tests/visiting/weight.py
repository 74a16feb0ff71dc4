"""What a browser has to load before it shows a page for the first time."""

import re

import httpx

#: Bytes, as they are sent to a browser that takes gzip.
MOST, MOST_WITH_MAP = 100_000, 250_000
_FILES = re.compile(r'/static/[0-9a-f]+/[^"#]+')
#: As a browser asks whose user has typed the address.
_TYPED = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "none"}


async def first_load(http: httpx.AsyncClient, address: str) -> int:
    """Bytes of the page and of the files that it names."""
    page = await http.get(address, headers=_TYPED)
    files = [await http.get(each, headers=_TYPED) for each in sorted(set(_FILES.findall(page.text)))]
    return sum(answer.num_bytes_downloaded for answer in (page, *files))
