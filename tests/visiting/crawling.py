"""Every kind of page that can be reached from the first one, each by the address that shows most."""

import re
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import urljoin, urlsplit

_LINK = re.compile(r'<a [^>]*?href="([^"#]+)"')
#: What stands for an id of the product in the path of a page.
_ID = re.compile(r"(?<=/)([a-z]{3})_[0-9a-z]{20,}")
#: A labour market, and what is short in it.
_SUBJECT = re.compile(r"(?<=/)(credential|competency)(:|%3A)[^/]+|(?<=/)\d{5}(?=/|$)")
_NO_PAGES = ("/static/", "/docs", "/demo/", "/v1/")
#: Addresses of one kind that are looked at.
_TRIED = 8
#: Loads a path as somebody who is signed in, and returns where it led and the text: nowhere when there is nothing.
Load = Callable[[str], Awaitable[tuple[str, str]]]


def kind_of(path: str) -> str:
    """A path without the ids in it: `/openings/{opn}`."""
    return _SUBJECT.sub("{what}", _ID.sub(r"{\1}", path))


async def every_kind(load: Load) -> tuple[Mapping[str, str], Sequence[str]]:
    """By kind, the path whose page is longest; and the paths that links lead to, and at which there is nothing."""
    fullest: dict[str, tuple[int, str]] = {}
    dead: list[str] = []
    tried: Counter[str] = Counter()
    seen, waiting = {"/"}, deque(["/"])
    while waiting:
        path = waiting.popleft()
        reached, text = await load(path)
        if not reached:
            dead.append(path)
        elif "<html" in text:
            kind = kind_of(reached)
            fullest[kind] = max(fullest.get(kind, (0, "")), (len(text), reached))
        for linked in _links(reached, text):
            if linked not in seen and tried[kind_of(linked)] < _TRIED:
                seen.add(linked)
                tried[kind_of(linked)] += 1
                waiting.append(linked)
    return {kind: path for kind, (_, path) in sorted(fullest.items())}, dead


def _links(path: str, text: str) -> list[str]:
    """The pages of the same site, without their questions."""
    addresses = [urlsplit(urljoin(path, link)) for link in _LINK.findall(text)]
    here = [each.path for each in addresses if not each.scheme and not each.netloc]
    return [each for each in here if each and not each.startswith(_NO_PAGES)]
