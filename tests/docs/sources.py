"""The texts of the repository, for tests of what they say of each other."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FOLDERS = ("services", "shared", "demo", "tests", "tools", "docs", "deploy")
#: What belongs to no source: made by tools, or kept as others wrote it.
FOREIGN = frozenset({".venv", "__pycache__", ".hypothesis", "node_modules"})
_ATTRIBUTES = re.compile(r"\s*\{\s*#([\w-]+)\s*\}\s*$")
_FENCED = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def texts(*suffixes: str) -> Iterator[tuple[str, str]]:
    """Every source with one of the suffixes, by its path in the repository."""
    top = [path for path in ROOT.iterdir() if path.is_file()]
    below = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in sorted(top + below):
        if path.suffix in suffixes and not FOREIGN.intersection(path.parts):
            yield name_of(path), path.read_text(encoding="utf-8")


@cache
def pages() -> Sequence[tuple[str, str]]:
    """Every Markdown file of the repository."""
    return tuple(texts(".md"))


def without_code(markdown: str) -> str:
    """The text without fenced blocks and code spans: what looks like a link there is none."""
    return re.sub(r"`[^`\n]*`", "", _FENCED.sub("", markdown))


def headings(markdown: str) -> list[str]:
    return [line.lstrip("#").strip() for line in _FENCED.sub("", markdown).splitlines() if re.match(r"#{1,6} ", line)]


def heading_ids(markdown: str) -> set[str]:
    """What a link can name after `#`, as the site's and the usual renderers make it."""
    return {_id_of(each) for each in headings(markdown)}


def _id_of(heading: str) -> str:
    if given := _ATTRIBUTES.search(heading):
        return given[1]
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())
