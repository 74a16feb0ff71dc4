"""The pictures of the pages that documents show are of the pages as they are."""

import json

import pytest

from tests.docs.sources import ROOT
from tests.screenshots.best import BEST, IMAGES, MANIFEST, Picture, digests

#: Bytes. Documents show several on one page.
MOST = 150_000


@pytest.mark.parametrize("picture", BEST, ids=lambda picture: picture.file)
def test_a_picture_is_of_the_page_as_it_is(picture: Picture) -> None:
    """Guards: documents that show what was there a year ago."""
    taken_of = json.loads(MANIFEST.read_text(encoding="utf-8"))[picture.file]
    now = digests()[picture.file]
    older = {name for name in now | taken_of if now.get(name) != taken_of.get(name)}
    assert not older, (
        f"docs/images/{picture.file} is older than {', '.join(sorted(older))}: run `make screenshots` and commit it"
    )


def test_every_picture_is_shown_and_small() -> None:
    documents = "".join(each.read_text("utf-8") for each in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    for file in IMAGES.glob("*.webp"):
        assert file.name in {picture.file for picture in BEST} and f"images/{file.name}" in documents, file.name
        assert file.stat().st_size <= MOST, file.name
