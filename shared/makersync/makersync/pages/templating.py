"""The templates of a service's pages, with the kit's own behind them."""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from makersync.pages.words import filters


def environment(package: str, now: Callable[[], datetime], zone: tzinfo, values: Mapping[str, Any]) -> Environment:
    """`package` is the one whose folder `templates` has the service's templates; `values` are known to all of them."""
    loaders = [PackageLoader(package, "templates"), PackageLoader("makersync.pages", "templates")]
    made = Environment(
        loader=ChoiceLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters.update(filters(now, zone))
    made.globals.update(values)
    return made
