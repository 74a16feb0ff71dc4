"""The templates of a service's pages, with the kit's own behind them."""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from gettext import NullTranslations
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from makersync.pages.words import filters

#: The language of the texts that stand in the templates.
ENGLISH = "en"


def environment(
    package: str,
    now: Callable[[], datetime],
    zone: tzinfo,
    values: Mapping[str, Any],
    language: str = ENGLISH,
    texts: NullTranslations | None = None,
) -> Environment:
    """`package` is the one whose folder `templates` has the service's templates; `values` are known to all of them. `texts`
    translates what templates mark as translatable into `language`."""
    loaders = [PackageLoader(package, "templates"), PackageLoader("makersync.pages", "templates")]
    made = Environment(
        loader=ChoiceLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.add_extension("jinja2.ext.i18n")
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(texts or NullTranslations(), newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(filters(now, zone, language))
    made.globals.update({**values, "language": language})
    return made
