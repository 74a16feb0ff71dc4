"""Measure 7: the pages of the demo's services, each by what a browser has to load first and how long its server takes."""

import gzip
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

import httpx

from tests.performance.figures import Figure
from tests.performance.page_stores import fill
from tests.performance.printing import Told
from tests.performance.sizes import Sizes
from tests.visiting.crawling import every_kind
from tests.visiting.demo import standing_demo

MEASURE = "pages"
#: As a browser asks whose user has typed the address.
_TYPED = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "none"}
#: What each page of every service loads besides itself.
_ASSET = ("pages.css", ".js", "icon.svg")


async def measure_pages(folder: Path, sizes: Sizes, told: Told) -> Sequence[Figure]:
    """Each kind of page by the address that shows most, loaded again and again by one visitor."""
    told("pages: starting a demo")
    async with standing_demo(folder / "demo", sizes.page_market) as entrances:
        if sizes.page_learners:
            told(f"pages: {sizes.page_openings:,} openings and {sizes.page_learners:,} learners go into the stores")
            fill(folder / "demo", sizes.page_openings, sizes.page_learners)
        found: list[Figure] = []
        for service, entrance in entrances.items():
            told(f"pages: visiting those of {service}")
            async with _visitor(entrance) as http:
                found += await _measured(service, http, sizes.page_visits)
    return found


@dataclass(frozen=True, slots=True)
class _Loaded:
    text: str
    bytes_sent: int
    seconds: float


async def _measured(service: str, http: httpx.AsyncClient, visits: int) -> Sequence[Figure]:
    async def load(path: str) -> tuple[str, str]:
        answer = await http.get(path)
        return answer.url.path if answer.is_success else "", answer.text

    kinds, _dead = await every_kind(load)
    figures: list[Figure] = []
    for kind, path in kinds.items():
        loads = [await _load(http, path) for _ in range(visits)]
        assets = await _assets(http, loads[0].text)
        half, most = percentiles([each.seconds * 1000 for each in loads])
        figures += [
            Figure(MEASURE, f"{service} {kind}: first load", "kB", ((loads[0].bytes_sent + assets) / 1000,)),
            Figure(MEASURE, f"{service} {kind}: p50", "ms", (half,)),
            Figure(MEASURE, f"{service} {kind}: p95", "ms", (most,)),
        ]
    return figures


def percentiles(times: Sequence[float]) -> tuple[float, float]:
    """The 50th and the 95th, which is never above the slowest, however few there are."""
    twentieths = quantiles(times, n=20, method="inclusive")
    return twentieths[9], twentieths[18]


async def _load(http: httpx.AsyncClient, path: str) -> _Loaded:
    """One visit; the bytes are those of the answer's body as it was sent."""
    begun = time.perf_counter()
    async with http.stream("GET", path) as answer:
        sent = b"".join([chunk async for chunk in answer.aiter_raw()])
        seconds = time.perf_counter() - begun
        text = gzip.decompress(sent) if answer.headers.get("content-encoding") == "gzip" else sent
        return _Loaded(text.decode(), len(sent), seconds)


async def _assets(http: httpx.AsyncClient, text: str) -> int:
    """Bytes of the files that a page names."""
    files = {part.partition('"')[0] for part in text.split('"/static/')[1:]}
    return sum([(await _load_file(http, f"/static/{name}")) for name in files if name.endswith(_ASSET)])


async def _load_file(http: httpx.AsyncClient, path: str) -> int:
    async with http.stream("GET", path) as answer:
        return len(b"".join([chunk async for chunk in answer.aiter_raw()]))


def _visitor(entrance: str) -> httpx.AsyncClient:
    """Signed in. The cookie is for encrypted connections alone, but browsers take this machine for one; httpx does not."""
    parts = urlsplit(entrance)
    with httpx.Client(trust_env=False) as http:
        name, value = http.get(entrance).headers["set-cookie"].partition(";")[0].split("=", 1)
    address = f"{parts.scheme}://{parts.netloc}"
    cookies = {name: value}
    return httpx.AsyncClient(
        base_url=address, headers=_TYPED, cookies=cookies, follow_redirects=True, trust_env=False, timeout=30
    )
