"""Compressed answers, where nobody learns anything from their lengths."""

import gzip

from fastapi import Request
from fastapi.responses import Response

#: Below this, the headers say more than the compression saves.
_WORTHWHILE = 1000
#: Of a page, which is compressed on its way; files are compressed once.
_QUICKLY = 5
#: Where a request comes from that no other site has caused (Fetch Metadata).
_OWN = ("same-origin", "none")


def takes_gzip(request: Request) -> bool:
    offers = [each.replace(" ", "").lower().partition(";") for each in request.headers.get("accept-encoding", "").split(",")]
    return any(coding == "gzip" and weight not in ("q=0", "q=0.0", "q=0.00", "q=0.000") for coding, _, weight in offers)


def compressed(content: bytes) -> bytes:
    """The same for the same content, at whatever time."""
    return gzip.compress(content, 9, mtime=0)


def compress_page(request: Request, answer: Response) -> Response:
    """Compress a page, but for a request that another site may have caused.

    A page holds the token of its forms. Whoever makes a browser load the page again and again with something of theirs in it,
    and sees how long the answers are, could work the token out (BREACH).
    """
    if len(answer.body) < _WORTHWHILE or request.headers.get("sec-fetch-site") not in _OWN or not takes_gzip(request):
        return answer
    answer.body = gzip.compress(answer.body, _QUICKLY, mtime=0)
    answer.headers.update({"Content-Encoding": "gzip", "Content-Length": str(len(answer.body))})
    return answer
