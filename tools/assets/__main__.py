"""Copies what `npm ci` installed beside this file to where it is loaded from: `make assets`."""

import hashlib
import shutil
from collections.abc import Sequence
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
LICENCES = "LICENSE*"


def main() -> None:
    for folder, scripts in CARRIED.items():
        carry(folder, scripts)


def carry(folder: Path, scripts: Sequence[tuple[str, str, str]]) -> None:
    """Into one folder, with their licences and hashes beside them."""
    licences, sums = [], []
    for name, package, source in scripts:
        installed = HERE / "node_modules" / package
        shutil.copyfile(installed / source, folder / name)
        texts = [file.read_text(encoding="utf-8").strip() for file in sorted(installed.glob(LICENCES))]
        licences.append("\n\n".join([f"{name} is {source} of {package}:", *texts]) + "\n")
        sums.append(f"{digest(folder / name)}  {name}\n")
    (folder / "LICENCES.txt").write_text("\n".join(licences), encoding="utf-8")
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
