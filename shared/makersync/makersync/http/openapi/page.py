"""`/docs`: the OpenAPI document as a page that loads nothing from other hosts."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from html import escape
from importlib.resources import files

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from starlette.routing import Route

ADDRESS = "/docs"
#: Swagger UI as its authors distribute it, from a package among the pinned requirements.
_DISTRIBUTION = files("fastapi_offline") / "static"
_FILES: Mapping[str, str] = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
}
#: Swagger UI uses inline style attributes and data URLs for icons; everything else comes from this host.
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
#: A remote validator would receive the document's address; keys are not stored in the browser.
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
    """The page and its files. They read nothing from the request, so they need no checked route."""
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
