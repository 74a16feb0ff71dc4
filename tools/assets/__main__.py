"""Copies what `npm ci` installed beside this file to where it is loaded from, and notes what map.mjs drew: `make assets`."""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
#: By the folder that carries them: the name there, the package, and the file within it.
CARRIED = {
    ROOT / "shared/makersync/makersync/pages/static": (
        ("htmx.min.js", "htmx.org", "dist/htmx.min.js"),
        ("sse.js", "htmx-ext-sse", "dist/sse.min.js"),
    ),
    ROOT / "tests/visiting/axe": (("axe.min.js", "axe-core", "axe.min.js"),),
}
#: By the folder that carries them: the drawings that map.mjs makes, and the package that has what is drawn.
DRAWN = {ROOT / "shared/makersync/makersync/pages/maps": (("us.svg", "us-counties.svg"), "us-atlas")}
LICENCES = "LICENSE*"


def main() -> None:
    for folder, scripts in CARRIED.items():
        carry(folder, scripts)
    for folder, (names, package) in DRAWN.items():
        note(folder, {name: f"{name} is drawn from {package}:" for name in names}, dict.fromkeys(names, package))


def carry(folder: Path, scripts: Sequence[tuple[str, str, str]]) -> None:
    """Into one folder, with their licences and hashes beside them."""
    for name, package, source in scripts:
        shutil.copyfile(HERE / "node_modules" / package / source, folder / name)
    said = {name: f"{name} is {source} of {package}:" for name, package, source in scripts}
    note(folder, said, {name: package for name, package, _ in scripts})


def note(folder: Path, said: Mapping[str, str], packages: Mapping[str, str]) -> None:
    """The licences and hashes of files, by their names: what is said of each, and the package with its licence."""
    licences = []
    for name, package in packages.items():
        texts = sorted((HERE / "node_modules" / package).glob(LICENCES))
        licences.append("\n\n".join([said[name], *(file.read_text(encoding="utf-8").strip() for file in texts)]) + "\n")
    (folder / "LICENCES.txt").write_text("\n".join(licences), encoding="utf-8")
    (folder / "SHA256SUMS").write_text("".join(f"{digest(folder / name)}  {name}\n" for name in packages), encoding="utf-8")


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
