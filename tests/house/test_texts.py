"""Texts that are translated: every one of them in every language, with the same things put in."""

import re
from importlib import import_module
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).parents[2]
CATALOGS = sorted(ROOT.glob("services/*/*/entrypoints/texts/*.po"))
#: The layout of the kit has texts too.
LAYOUT = ROOT / "shared/makersync/makersync/pages/templates/layout.html"
PUT_IN = re.compile(r"%\(\w+\)s")


def catalog_of(path: Path) -> Catalog:
    return read_po(BytesIO(path.read_bytes()))


def texts_of(template: Path) -> set[str]:
    """What a template marks as translatable."""
    found = babel_extract(BytesIO(template.read_bytes()), ["gettext", "_"], [], {"trimmed": "true", "silent": "false"})
    return {text for _, _, text, _ in found if isinstance(text, str)}


def marked(catalog: Path) -> set[str]:
    templates = [LAYOUT, *(catalog.parents[1] / "templates").glob("*.html")]
    return {text for template in templates for text in texts_of(template)}


def test_there_are_catalogs() -> None:
    assert CATALOGS and import_module("babel")


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: f"{path.parents[2].name}-{path.stem}")
def test_every_marked_text_is_translated_and_no_other(path: Path) -> None:
    """Guards: a learner who reads English in the middle of Spanish, and texts that nobody reads any more."""
    translated = {message.id: message.string for message in catalog_of(path) if message.id}
    assert set(translated) == marked(path)
    assert [text for text, said in translated.items() if not said] == []


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: f"{path.parents[2].name}-{path.stem}")
def test_translations_put_in_what_the_text_does_and_are_not_doubtful(path: Path) -> None:
    for message in catalog_of(path):
        assert sorted(PUT_IN.findall(str(message.id))) == sorted(PUT_IN.findall(str(message.string))), message.id
        assert not message.fuzzy or not message.id, message.id
