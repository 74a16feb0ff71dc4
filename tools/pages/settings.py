"""`docs/reference/settings.md` and `policy.md`: the environment of a service process, and the numbers of the market rules."""

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from makersync.settings import Settings
from matching.domain.market.policy import Policy
from tools.pages.markdown import code, page, table

PREFIX = "MAKERSYNC_"
_INTRODUCTION = """Settings are environment variables and the same for every service. Durations are in seconds. Lists are
JSON, such as `MAKERSYNC_ROLES='["http"]'`. An empty variable is like one that is not set. What the compose file sets is
in `docker-compose.yml`; its own variables are in `.env.example`."""
_POLICY = """Every number of sections 8 to 13 of the [market rules](MARKET.md), by the name that a policy file uses.
Thresholds and `smoothing` are in thousandths, `refresh_seconds` in seconds, `pathway_rate` in lists a second and
partition. A level goes down only when `10 * tightness < hysteresis_tenths * threshold`; a component has moved when `10 *
|new - old| > revision_tenths * old`.

`makersync policy show --json` prints the live policy, `makersync policy try FILE` says what another would change, and
`makersync policy apply FILE` makes it the next version."""


def settings_page() -> str:
    rows = [
        (code(f"{PREFIX}{name.upper()}"), _values(each), _default(each), each.description or "")
        for name, each in Settings.model_fields.items()
    ]
    return page("Settings", _INTRODUCTION, table(("variable", "values", "default", "meaning"), rows))


def policy_page() -> str:
    rows = [(code(each.name), str(each.default)) for each in fields(Policy)]
    return page("The policy", _POLICY, table(("name", "default"), rows))


def _values(field: FieldInfo) -> str:
    choices = [each for each in _leaves(field.annotation) if isinstance(each, str)]
    return ", ".join(code(each) for each in choices)


def _leaves(annotation: Any) -> Iterator[Any]:
    arguments = get_args(annotation)
    if not arguments:
        yield annotation
    for each in arguments:
        yield from _leaves(each)


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "the host's name"
    default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    if isinstance(default, frozenset | tuple):
        return code(json.dumps(sorted(default) if isinstance(default, frozenset) else default))
    return code(default)
