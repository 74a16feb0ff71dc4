"""What is generated is current, says what it should, and needs nobody else's host."""

import pytest

from makersync.runtime.documents import installed_services
from tools.pages.http_api import services
from tools.pages.rooms import DOMAIN, GROUND, KIT, PRODUCT, SERVICE, Picture, UnknownRoom
from tools.pages.written import DOCS, PAGES
from tools.site import foreign_in_page, foreign_in_style

#: Who lives is asked by those who have no key, and learners answer by a link.
OPEN = {"/healthz", "/readyz"}
BY_LINK = {"learners": {"/v1/learner-answers/{token}"}}


@pytest.mark.parametrize("path", PAGES)
def test_a_generated_page_is_what_the_code_says(path: str) -> None:
    written = (DOCS / path).read_text("utf-8") if (DOCS / path).is_file() else ""
    assert written == PAGES[path](), f"docs/{path} is stale: run `make pages` and commit what it writes"


@pytest.mark.parametrize("service", installed_services())
def test_the_page_knows_the_key_of_every_operation(service: str) -> None:
    """Guards: a new guard of routes that the page would show as a route for everybody."""
    operations = [(path, each) for path, methods in services()[service]["paths"].items() for each in methods.values()]
    assert {path for path, operation in operations if not operation["security"]} == OPEN | BY_LINK.get(service, set())


def test_every_service_has_its_page() -> None:
    assert {f"reference/api-{service}.md" for service in installed_services()} <= set(PAGES)


@pytest.mark.parametrize("picture", [PRODUCT, KIT, SERVICE, DOMAIN], ids=lambda picture: picture.title)
def test_every_room_of_a_picture_is_tied_to_another(picture: Picture) -> None:
    """Guards: a room that was renamed, and whose box would stay."""
    assert {room for arrow in picture.arrows() for room in arrow} == set(picture.spots)


def test_a_new_room_needs_a_place_in_the_picture() -> None:
    without_rules = {room: spot for room, spot in DOMAIN.spots.items() if room != "rules"}
    with pytest.raises(UnknownRoom, match="rules"):
        Picture(DOMAIN.title, DOMAIN.room_of, without_rules).arrows()


@pytest.mark.parametrize(("module", "room"), [("novelty", "novelty"), ("novelty.part", "novelty"), ("clock", GROUND)])
def test_a_new_package_of_the_kit_is_a_room_and_its_modules_share_one(module: str, room: str) -> None:
    assert KIT.room_of(f"makersync.{module}") == room


def test_an_arrow_that_follows_from_others_is_left_out() -> None:
    arrows = DOMAIN.arrows()
    assert ("engine", "cells") in arrows
    assert ("engine", "market") not in arrows


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://cdn.example.org/a.js"></script>',
        '<link rel="stylesheet" href="//fonts.example.org/css">',
        "<style>body{background:url(https://example.org/a.png)}</style>",
        '<pre class="mermaid">graph</pre>',
    ],
)
def test_what_a_page_would_load_from_elsewhere_is_found(html: str) -> None:
    assert len(foreign_in_page(html)) == 1


def test_links_and_files_of_the_site_are_no_foreign_content() -> None:
    page = '<a href="https://example.org">x</a><script src="assets/a.js"></script><link rel="canonical" href="https://example.org/">'
    assert foreign_in_page(page) == []
    assert foreign_in_style("@import 'local.css'; b{background:url(a.png)}") == []
