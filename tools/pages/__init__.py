"""The pages of `docs/` that are made from the code: `python -m tools.pages` writes them, a test refuses a stale one."""
