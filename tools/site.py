"""`python -m tools.site FOLDER` says which built pages would load something from another host; status 1 when any would."""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

#: What a browser fetches by itself; a link in a text is followed by a person.
_FETCHED = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src", "video": "src", "audio": "src"}
_FOREIGN = re.compile(r"^(https?:)?//", re.IGNORECASE)
_STYLE_URL = re.compile(r"(?:url\(|@import\s+)['\"]?((?:https?:)?//[^'\")\s]+)", re.IGNORECASE)
#: Elements for which the theme's own script would fetch a library.
_LAZY = frozenset({"mermaid", "glightbox", "arithmatex"})


class _Page(HTMLParser):
    """Collects what a page would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        address = values.get(_FETCHED.get(tag, ""), "")
        is_only_named = tag == "link" and values.get("rel") in ("canonical", "prev", "next")
        if _FOREIGN.match(address) and not is_only_named:
            self.foreign.append(address)
        self.foreign += [f"the library of .{name}" for name in _LAZY.intersection(values.get("class", "").split())]


def foreign_in_page(html: str) -> list[str]:
    """The addresses on other hosts that a browser would fetch for the page, styles within it included."""
    page = _Page()
    page.feed(html)
    return page.foreign + foreign_in_style(html)


def foreign_in_style(css: str) -> list[str]:
    return _STYLE_URL.findall(css)


def foreign_in_site(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file of a built site with an address on another host that it would load."""
    readers = {".html": foreign_in_page, ".css": foreign_in_style}
    for path in sorted(folder.rglob("*")):
        if (reader := readers.get(path.suffix)) is not None:
            yield from ((path.relative_to(folder), address) for address in reader(path.read_text(encoding="utf-8")))


def main(folder: Path) -> int:
    if not (folder / "index.html").is_file():
        print(f"There is no site in {folder}.")
        return 1
    found = list(foreign_in_site(folder))
    print("\n".join(f"{path} would load {address}" for path, address in found) or "Nothing is loaded from another host.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
