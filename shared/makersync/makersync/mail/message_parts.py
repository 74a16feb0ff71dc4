"""What a message says, in two forms: plain text, and HTML that loads nothing and says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_STYLE = "font-family:sans-serif;font-size:16px;line-height:1.5;max-width:40em"


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Link:
    """An address with what it is for. It stands alone on its line, so that it can be copied."""

    text: str
    url: str


Part = Paragraph | Heading | Items | Link


def plain(parts: Sequence[Part]) -> str:
    return "\n\n".join(map(_plain, parts)) + "\n"


def html(parts: Sequence[Part]) -> str:
    body = "\n".join(map(_html, parts))
    return f'<!doctype html>\n<html lang="en"><body><div style="{_STYLE}">\n{body}\n</div></body></html>\n'


def _plain(part: Part) -> str:
    match part:
        case Paragraph(text):
            return text
        case Heading(text):
            return f"{text}\n{'-' * min(len(text), 70)}"
        case Items(texts):
            return "\n".join(f"* {text}" for text in texts)
        case Link(text, url):
            return f"{text}\n{url}"


def _html(part: Part) -> str:
    match part:
        case Paragraph(text):
            return f"<p>{escape(text)}</p>"
        case Heading(text):
            return f"<h2>{escape(text)}</h2>"
        case Items(texts):
            return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"
        case Link(text, url):
            return f'<p>{escape(text)}<br><a href="{escape(url)}">{escape(url)}</a></p>'
