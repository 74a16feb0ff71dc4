"""Links, paths, commands and targets that the documents name exist."""

import ast
import re
from functools import cache
from typing import Any

import pytest
from typer.main import get_command

from makersync.cli.main import build
from tests.docs.sources import DOCS, ROOT, heading_ids, pages, texts, without_code

_LINK = re.compile(r"\[[^]]*\]\((?P<target>[^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?:services|shared|demo|tests|tools|docs|deploy|requirements|\.ci)/[\w./-]+(?::\w+)?")
_COMMAND = re.compile(r"\bmakersync((?: [a-z][a-z-]*(?![\w./=]))+)")
_CODE = re.compile(r"^(?:```|~~~)[^\n]*\n(.*?)^(?:```|~~~)|^ {4}(.*)$|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
_TARGET = re.compile(r"^(?:\$ )?make (?:-\w+ )*([a-z][a-z-]*)")


@pytest.mark.parametrize(("name", "text"), pages(), ids=[name for name, _ in pages()])
def test_every_link_leads_to_a_file_and_a_heading(name: str, text: str) -> None:
    broken = []
    for found in _LINK.finditer(without_code(text)):
        address, _, heading = found["target"].partition("#")
        if re.match(r"[a-z]+:", address):
            continue
        path = (ROOT / name).parent / address if address else ROOT / name
        if not path.exists() or (heading and heading not in heading_ids(path.read_text("utf-8"))):
            broken.append(found["target"])
    assert broken == []


@cache
def symbols(path: str) -> frozenset[str]:
    """What a module defines: functions and classes, methods too, and constants."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    named = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    targets = {node.targets[0] for node in tree.body if isinstance(node, ast.Assign)}
    targets |= {node.target for node in tree.body if isinstance(node, ast.AnnAssign)}
    return frozenset(named | {target.id for target in targets if isinstance(target, ast.Name)})


@pytest.mark.parametrize(("name", "text"), pages(), ids=[name for name, _ in pages()])
def test_every_path_and_symbol_that_a_document_names_exists(name: str, text: str) -> None:
    named = [span for span in _SPAN.findall(text) if _PATH.fullmatch(span)]
    missing = []
    for span in named:
        path, _, symbol = span.partition(":")
        if not (ROOT / path).exists() or (symbol and symbol not in symbols(path)):
            missing.append(span)
    assert missing == []


def test_every_command_that_a_document_names_exists() -> None:
    everything = get_command(build([]))
    named = {
        (name, tuple(words.split()))
        for name, text in texts(".md")
        for code in _CODE.finditer(text)
        for words in _COMMAND.findall("".join(filter(None, code.groups())))
    }
    assert len(named) > 100
    assert sorted(f"{name}: makersync {' '.join(words)}" for name, words in named if not is_command(everything, words)) == []


def is_command(command: Any, words: tuple[str, ...]) -> bool:
    """Whether the words name a command, and after it whatever is given to it."""
    for word in words:
        children = getattr(command, "commands", {})
        if not children:
            return True
        if word not in children:
            return False
        command = children[word]
    return True


def test_every_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    spans = {(name, target) for name, text in pages() for span in _SPAN.findall(text) for target in _TARGET.findall(span)}
    assert {target for _, target in spans} >= {"demo", "test", "docs"}
    assert [each for each in sorted(spans) if each[1] not in targets] == []


def test_the_site_lists_every_page() -> None:
    navigation = (ROOT / "zensical.toml").read_text("utf-8")
    records = {f"decisions/{path.name}" for path in (DOCS / "decisions").glob("[0-9]*.md")}
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert sorted(page for page in written - records if f'"{page}"' not in navigation) == []
