"""Copies what `npm ci` installed beside this file to where the pages load it from: `make assets`."""

import hashlib
import shutil
from pathlib import Path

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "shared/makersync/makersync/pages/static"
#: The name in the static folder, the package, and the file and the licence within it.
SCRIPTS = (
    ("htmx.min.js", "htmx.org", "dist/htmx.min.js"),
    ("sse.js", "htmx-ext-sse", "dist/sse.min.js"),
)
LICENCE = "LICENSE"


def main() -> None:
    licences, sums = [], []
    for name, package, source in SCRIPTS:
        folder = HERE / "node_modules" / package
        shutil.copyfile(folder / source, STATIC / name)
        licences.append(f"{name} is {source} of {package}:\n\n{(folder / LICENCE).read_text(encoding='utf-8').strip()}\n")
        sums.append(f"{digest(STATIC / name)}  {name}\n")
    (STATIC / "LICENCES.txt").write_text("\n".join(licences), encoding="utf-8")
    (STATIC / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
