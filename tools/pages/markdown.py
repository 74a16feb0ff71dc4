"""Tables and cells in the Markdown that the pages are written in."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

HEAD = "<!-- Written by `python -m tools.pages`. Change the code that it is made from, not this page. -->"


def page(title: str, *parts: str) -> str:
    """A whole page: the note that it is generated, its title, and its parts with a blank line between them."""
    return "\n\n".join([HEAD, f"# {title}", *[part for part in parts if part]]) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Empty when there are no rows."""
    lines = [_line(row) for row in rows]
    return "\n".join([_line(columns), _line(["---"] * len(columns)), *lines]) if lines else ""


def code(value: Any) -> str:
    """`value` in code style, or nothing where there is none."""
    return f"`{value}`" if value not in (None, "") else ""


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    """On one line; what would be a border of the table or a tag of HTML is plain text."""
    spans = re.split(r"(`[^`]*`)", " ".join(text.split()).replace("|", "\\|"))
    return "".join(span if span.startswith("`") else span.replace("<", "&lt;") for span in spans)
