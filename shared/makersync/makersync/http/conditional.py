"""Conditional reads: an answer that the caller has already is not sent again (RFC 9110, 13.1.2).

Answers that carry the version of a resource as their ETag are always sent whole: what else they say, such as whether an opening
is live today, changes without a new version.
"""

import hashlib

from fastapi import Request, Response
from starlette import status

DIGEST_BYTES = 16


def unless_known(request: Request, response: Response) -> Response:
    """The response with an ETag of its content, or 304 without content when `If-None-Match` names this ETag."""
    body = getattr(response, "body", None)
    if request.method != "GET" or response.status_code != status.HTTP_200_OK or body is None or "ETag" in response.headers:
        return response
    tag = f'W/"{hashlib.blake2b(body, digest_size=DIGEST_BYTES).hexdigest()}"'
    if _is_among(tag, request.headers.getlist("If-None-Match")):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return response


def _is_among(tag: str, fields: list[str]) -> bool:
    """Weak comparison: only what is between the quotes counts. `*` names whatever there is."""
    known = {each.strip().removeprefix("W/") for field in fields for each in field.split(",")}
    return "*" in known or tag.removeprefix("W/") in known
