"""`docs/decisions/index.md`: the decision records by number."""

from pathlib import Path

from tools.pages.markdown import page

FOLDER = Path(__file__).parents[2] / "docs/decisions"
_INTRODUCTION = """Why things are as they are. A record is written when a choice was made among good ones, and is not
changed afterwards: a later record says what it replaces. Code cites a record by its number.
The numbers 0013 to 0019 were never used."""


def decisions_page() -> str:
    records = sorted(path for path in FOLDER.glob("[0-9]*.md"))
    listed = [f"- [{_title(path)}]({path.name})" for path in records]
    return page("Decisions", _INTRODUCTION, "\n".join(listed))


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
