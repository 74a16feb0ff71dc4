"""`python -m tools.pages` writes the generated pages; with `--check` it names those that are stale, and writes nothing."""

import sys

from tools.pages.written import DOCS, PAGES, stale


def main(arguments: list[str]) -> int:
    old = list(stale())
    if arguments == ["--check"]:
        print("\n".join(f"docs/{path} is stale: run `make pages` and commit what it writes." for path in old))
        return 1 if old else 0
    for path in old:
        (DOCS / path).write_text(PAGES[path](), encoding="utf-8")
        print(f"wrote docs/{path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
