"""`make screenshots`: every page of the demo's three services, on a phone, a tablet and a desk, in light and dark.

They go to build/screenshots, with index.html as the contact sheet. The best ones are carried in docs/images. With `--same`
none is taken: it notes that the pictures still are of the pages as they are, for a change that nobody can see.
"""

import asyncio
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from tests.screenshots.best import BEST, IMAGES, write_manifest
from tests.screenshots.taking import LOOKS, contact_sheet, photograph, photograph_beginning
from tests.visiting.chromium import chromium_page
from tests.visiting.crawling import every_kind
from tests.visiting.demo import standing_demo

FOLDER = Path("build/screenshots")
_LOAD = "path => fetch(path).then(async answer => [answer.ok ? new URL(answer.url).pathname : '', await answer.text()])"


async def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as state:
        async with standing_demo(Path(state) / "demo") as entrances:
            shots = {
                title: files
                for service, entrance in entrances.items()
                for title, files in (await of(service, entrance)).items()
            }
    (FOLDER / "index.html").write_text(contact_sheet(shots), encoding="utf-8")
    write_manifest()
    print(f"{sum(map(len, shots.values()))} pictures: open {FOLDER / 'index.html'}")


async def of(service: str, entrance: str) -> Mapping[str, list[Path]]:
    """The pictures of each kind of page of one service."""
    shots: dict[str, list[Path]] = {}
    parts = urlsplit(entrance)
    async with chromium_page(f"{parts.scheme}://{parts.netloc}") as page:
        await page.goto(entrance)
        kinds, dead = await every_kind(lambda path: page.evaluate(_LOAD, path))
        print(f"{service}: {len(kinds)} kinds of pages{f'; DEAD LINKS: {dead}' if dead else ''}")
        for kind, path in kinds.items():
            title = f"{service} {kind}"
            for look in LOOKS:
                file = FOLDER / f"{_file_name(title)}-{look.name}.png"
                await photograph(page, path, look, file)
                shots.setdefault(title, []).append(file)
        for picture in BEST:
            if picture.service == service and picture.kind not in kinds:
                print(f"{picture.file}: no page {picture.kind} in {', '.join(kinds)}")
            elif picture.service == service:
                await photograph_beginning(page, kinds[picture.kind], picture.look, IMAGES / picture.file)
    return shots


def _file_name(title: str) -> str:
    return "-".join("".join(each if each.isalnum() else " " for each in title).split())


if __name__ == "__main__":
    if sys.argv[1:] == ["--same"]:
        write_manifest()
    else:
        asyncio.run(main())
