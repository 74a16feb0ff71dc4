"""Whoever cites the market rules, the design or a decision finds what is cited."""

import re
from collections.abc import Iterator

from tests.docs.sources import DOCS, headings, texts

RULES, DESIGN, DECISIONS = DOCS / "reference/MARKET.md", DOCS / "explanation/DESIGN.md", DOCS / "decisions"
CITING = (".py", ".md", ".json", ".toml", ".yml")
#: "section 5", "sections 2, 3 and 14", "sections 1 to 9, 11 and 12": each number, or a first and a last.
_NUMBERS = r"(?P<numbers>\d+(?:\s*(?:,|and|to|–)\s*(?:and\s+)?\d+)*)"
_RULES = re.compile(rf"MARKET\.md`?\s+sections?\s+{_NUMBERS}")
#: In a module that is about the rules the name of the file may be left out.
_SECTION = re.compile(rf"\(sections?\s+{_NUMBERS}")
_DESIGN = re.compile(r"DESIGN(?:\.md)?[,:]\s+(?P<part>[a-z-]+(?: [a-z-]+)*)(?:,?\s+(?:point\s+)?(?P<point>\d+))?")
_DECISION = re.compile(r"(?:decisions?[ /]|\()(?P<number>00\d\d)\b")


def sections(numbers: str) -> Iterator[int]:
    for first, last in re.findall(r"(\d+)(?:\s*(?:to|–)\s*(\d+))?", numbers):
        yield from range(int(first), int(last or first) + 1)


def unwrapped(text: str) -> str:
    """A citation may run over the end of a line, also of a comment."""
    return re.sub(r"\s*\n\s*(?:#:?\s)?\s*", " ", text)


def test_sections_are_read_one_by_one_and_as_a_range() -> None:
    assert list(sections("1 to 3, 11 and 12")) == [1, 2, 3, 11, 12]


def test_every_cited_section_of_the_market_rules_exists() -> None:
    known = {int(found[1]) for each in headings(RULES.read_text("utf-8")) if (found := re.match(r"(\d+)\. ", each))}
    assert known == set(range(1, 16))
    cited = {
        f"{name}: section {number}": number
        for name, text in texts(*CITING)
        for pattern in (_RULES, *([_SECTION] if name.endswith(".py") else []))
        for found in pattern.finditer(unwrapped(text))
        for number in sections(found["numbers"])
    }
    assert len(cited) > 150
    assert [place for place, number in cited.items() if number not in known] == []


def test_every_cited_part_of_the_design_exists() -> None:
    known = {each.lower() for each in headings(DESIGN.read_text("utf-8"))}
    points = {each.partition(".")[0] for each in known if each[0].isdigit()}
    found = [
        (name, each) for name, text in texts(*CITING) for each in _DESIGN.finditer(unwrapped(text)) if "test_" not in each[0]
    ]
    assert len(found) > 20
    missing = [
        f"{name}: {each[0]}"
        for name, each in found
        if each["part"] not in known or (each["point"] is not None and each["point"] not in points)
    ]
    assert missing == []


def test_every_cited_decision_exists() -> None:
    known = {path.name[:4] for path in DECISIONS.glob("[0-9]*.md")}
    found = {
        (name, each["number"]) for name, text in texts(".py", ".md", ".yml") for each in _DECISION.finditer(unwrapped(text))
    }
    assert len(found) > 20
    assert [f"{name}: {number}" for name, number in sorted(found) if number not in known] == []
