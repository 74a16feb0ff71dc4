"""Which pages are generated, and from what."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from tools.pages.commands import commands_page
from tools.pages.decisions import decisions_page
from tools.pages.events import events_page
from tools.pages.http_api import api_page
from tools.pages.metrics import metrics_page
from tools.pages.problems import problems_page
from tools.pages.rooms import architecture_picture
from tools.pages.settings import policy_page, settings_page

DOCS = Path(__file__).parents[2] / "docs"
PAGES: Mapping[str, Callable[[], str]] = {
    "reference/events.md": events_page,
    **{f"reference/api-{service}.md": partial(api_page, service) for service in ("openings", "learners", "matching")},
    "reference/problems.md": problems_page,
    "reference/commands.md": commands_page,
    "reference/settings.md": settings_page,
    "reference/policy.md": policy_page,
    "reference/metrics.md": metrics_page,
    "decisions/index.md": decisions_page,
    "explanation/rooms.svg": architecture_picture,
}


def stale() -> Iterator[str]:
    """The generated pages whose file is not what the code says today."""
    for path, write in PAGES.items():
        file = DOCS / path
        if not file.is_file() or file.read_text(encoding="utf-8") != write():
            yield path
