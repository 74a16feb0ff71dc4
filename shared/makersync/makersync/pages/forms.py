"""Forms: what a browser sends from a page of this service, and nothing from elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import UploadFile

from makersync.http.problems import Forbidden, UnsupportedMediaType, ValidationProblem
from makersync.text import UnfitText, one_line

#: An opening has up to 50 requirements of 50 alternatives, of two fields each.
_MOST_FIELDS = 6000


@dataclass(frozen=True, slots=True)
class SentForm:
    """The fields of a form as they were typed. A field that was not sent is empty."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """Raises ValidationProblem when the field was sent more than once."""
        values = self.fields.get(name, ())
        if len(values) > 1:
            raise ValidationProblem.of(name, "repeated_parameter", "must be given once")
        return values[0] if values else ""

    def line(self, name: str, most: int) -> str:
        """One line of text in the form in which all texts are kept. Raises ValidationProblem."""
        try:
            text = one_line(self.get(name))
        except UnfitText as unfit:
            raise ValidationProblem.of(name, unfit.rule, unfit.detail) from unfit
        if not text:
            raise ValidationProblem.of(name, "missing", "must be filled in")
        if len(text) > most:
            raise ValidationProblem.of(name, "string_too_long", f"must have at most {most} characters")
        return text


async def read_form(request: Request) -> SentForm:
    """Raises UnsupportedMediaType and ValidationProblem."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise UnsupportedMediaType("content_type", "Send the form as application/x-www-form-urlencoded.")
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as data:
        found: dict[str, list[str]] = {}
        for name, value in data.multi_items():
            if isinstance(value, UploadFile) or "\0" in value:
                raise ValidationProblem.of(name[:100], "nul_character", "must be text without NUL")
            found.setdefault(name, []).append(value)
    return SentForm(found)


def demand_same_origin(request: Request) -> None:
    """Browsers say where a request comes from, and pages elsewhere cannot change that. Raises Forbidden."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    is_own = origin is not None and host_of(origin) == request.headers.get("host", "")
    if not (is_own if site is None else site == "same-origin"):
        raise Forbidden("other_origin", "Forms are taken from the pages of this service alone.")


def host_of(url: str) -> str | None:
    """The host and port of a URL; None for what is no URL."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return None
