"""The pictures that the README and the documents show, and what they were taken of."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, meta

from tests.screenshots.taking import Look

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs/images"
MANIFEST = IMAGES / "manifest.json"
_KIT = ROOT / "shared/makersync/makersync/pages"
_STYLE = _KIT / "static/pages.css"
#: Macros of fields, which look as the style says.
_FORMS = _KIT / "templates/forms.html"
#: What follows the tokens of the style. Rules come with each new page, and make no older picture wrong.
_END_OF_TOKENS = "/* Text */"


@dataclass(frozen=True, slots=True)
class Picture:
    """`kind` is the path of the page without ids, as the crawler names it, and `template` the file that makes it."""

    file: str
    service: str
    kind: str
    template: str
    look: Look


BEST = (
    Picture("shortlist.webp", "openings", "/openings/{opn}", "opening.html", Look(1440, "light")),
    Picture("shortlist-phone.webp", "openings", "/openings/{opn}", "opening.html", Look(360, "dark")),
    Picture("demand.webp", "learners", "/demand/{what}/{what}", "signal.html", Look(1440, "light")),
    Picture("learner-phone.webp", "learners", "/learners/{lrn}", "learner.html", Look(360, "light")),
)


def sources(picture: Picture) -> list[Path]:
    """The template of a picture with those that it includes, and what all pages look like by."""
    folders = (ROOT / f"services/{picture.service}/{picture.service}/entrypoints/templates", _KIT / "templates")
    found: dict[str, Path] = {}
    waiting = [picture.template]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = next(folder / name for folder in folders if (folder / name).is_file())
            waiting.extend(_named(found[name]))
    return sorted({*found.values(), _STYLE, _KIT / "charts.py"} - {_FORMS})


def digests() -> Mapping[str, Mapping[str, str]]:
    """By picture and source, the hash of what the source says now."""
    return {
        picture.file: {
            each.relative_to(ROOT).as_posix(): hashlib.sha256(_said_by(each)).hexdigest()[:16] for each in sources(picture)
        }
        for picture in BEST
    }


def _said_by(source: Path) -> bytes:
    text = source.read_text(encoding="utf-8")
    return (text.partition(_END_OF_TOKENS)[0] if source == _STYLE else text).encode()


def write_manifest() -> None:
    MANIFEST.write_text(json.dumps(digests(), indent=1) + "\n", encoding="utf-8")


def _named(template: Path) -> Iterator[str]:
    parsed = Environment(extensions=["jinja2.ext.i18n"]).parse(template.read_text(encoding="utf-8"))
    yield from (name for name in meta.find_referenced_templates(parsed) if name is not None)
