"""`/docs`: the OpenAPI document as a page, with nothing from another host."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from html import escape
from importlib.resources import files

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from starlette.routing import Route

ADDRESS = "/docs"
#: Swagger UI as its authors distribute it, in a package of the pinned requirements.
_DISTRIBUTION = files("fastapi_offline") / "static"
_FILES: Mapping[str, str] = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
}
#: Styles stand in attributes of what Swagger UI draws, and its icons are data; everything else is this host's.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
#: A validator of another host would be sent the document's address; keys are not kept in the browser.
_START = """window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});
"""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
Endpoint = Callable[[Request], Awaitable[Response]]


def page_routes(title: str) -> Sequence[Route]:
    """The page and its files. They read nothing of a request, so that they need no checked route."""
    texts = {name: ((_DISTRIBUTION / name).read_bytes(), media_type) for name, media_type in _FILES.items()}
    texts["start.js"] = (_START.encode(), "text/javascript")
    page = _PAGE.format(title=escape(title))
    return [
        Route(ADDRESS, _answering(HTMLResponse(page, headers=_HEADERS))),
        *(Route(f"{ADDRESS}/{name}", _answering(_file(*text))) for name, text in texts.items()),
    ]


def _answering(response: Response) -> Endpoint:
    async def answer(_request: Request) -> Response:
        return response

    return answer


def _file(content: bytes, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers=_HEADERS)
