"""Measures of the whole product on both profiles: `make bench`. Figures to compare; nothing fails for being slow."""
