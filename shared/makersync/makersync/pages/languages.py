"""Languages of pages: which one a reader is shown, and the texts of a catalog."""

from collections.abc import Sequence
from gettext import GNUTranslations
from importlib.resources.abc import Traversable
from io import BytesIO

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from fastapi import Request

from makersync.pages.templating import ENGLISH

#: The parameter by which a reader chooses another language than the browser asks for.
CHOICE = "lang"
_LONGEST_HEADER = 1000


def texts_of(catalog: Traversable) -> GNUTranslations:
    """The texts of a .po file of gettext, compiled here so that no compiled file can be out of date."""
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(catalog.read_bytes())))
    compiled.seek(0)
    return GNUTranslations(compiled)


def language_of(request: Request, offered: Sequence[str]) -> str:
    """What the reader chose, else the one of the offered languages that the browser likes best, else English."""
    chosen = request.query_params.get(CHOICE, "")
    if chosen in offered:
        return chosen
    return negotiate_locale(_preferred(request.headers.get("Accept-Language", "")), offered, sep="-") or ENGLISH


def _preferred(header: str) -> list[str]:
    """The languages of an Accept-Language header, the best liked first."""
    parts = [each.partition(";") for each in header[:_LONGEST_HEADER].split(",")]
    weighed = [(-_weight(parameters), name.strip()) for name, _, parameters in parts]
    return [name for weight, name in sorted(weighed, key=lambda each: each[0]) if name and weight < 0]


def _weight(parameters: str) -> float:
    """One unless a number from 0 to 1 stands there."""
    name, _, number = parameters.strip().partition("=")
    try:
        return min(max(float(number), 0.0), 1.0) if name.strip() == "q" else 1.0
    except ValueError:
        return 1.0
