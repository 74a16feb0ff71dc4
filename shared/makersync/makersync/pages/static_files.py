"""Stylesheet, scripts and maps, under addresses that change with their content, so that browsers may keep them for ever."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain

from fastapi import Request
from fastapi.responses import Response
from starlette.routing import Route

from makersync.http.matched_route import PAGE_TEMPLATE
from makersync.pages.compression import compressed, takes_gzip

#: What others wrote stands apart from our own scripts.
_FOLDERS = [files("makersync.pages") / name for name in ("static", "scripts", "maps")]
_MEDIA_TYPES: Mapping[str, str] = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    path: str
    content: bytes
    media_type: str
    compressed: bytes


def static_files() -> Mapping[str, StaticFile]:
    """By their names in the folders."""
    found = {}
    for each in chain.from_iterable(folder.iterdir() for folder in _FOLDERS):
        media_type = _MEDIA_TYPES.get(each.name.rpartition(".")[2])
        if media_type is not None:
            content = each.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:16]
            found[each.name] = StaticFile(f"/static/{digest}/{each.name}", content, media_type, compressed(content))
    return found


def static_routes(served: Mapping[str, StaticFile]) -> list[Route]:
    return [_route(each) for each in served.values()]


def _route(file: StaticFile) -> Route:
    headers = {"Cache-Control": _FOR_EVER, "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}

    async def answer(request: Request) -> Response:
        request.scope[PAGE_TEMPLATE] = "/static/{file}"
        if takes_gzip(request):
            return Response(file.compressed, media_type=file.media_type, headers={**headers, "Content-Encoding": "gzip"})
        return Response(file.content, media_type=file.media_type, headers=headers)

    return Route(file.path, answer)
