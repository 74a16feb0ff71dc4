"""`docs/reference/commands.md`: every command of `makersync` with its arguments and options."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from makersync.cli.main import build
from makersync.cli.messages import OPERATOR_MUST_ACT, TRY_LATER
from tools.pages.markdown import code, page, table

ROOT = Path(__file__).parents[2]
_INTRODUCTION = """`makersync` has the commands of whatever is installed: the image of a service has the kit's and its
own. Commands that need a database find it by the [settings](settings.md) of the service. Status 0 means done, {act} that
an operator must act on what was printed, and {later} that something is away and the same command can be given again."""


def commands_page() -> str:
    introduction = _INTRODUCTION.format(act=OPERATOR_MUST_ACT, later=TRY_LATER)
    return page("Commands", introduction, *_commands(get_command(build([])), ("makersync",)))


def _commands(command: Any, path: tuple[str, ...]) -> Iterator[str]:
    children = sorted(getattr(command, "commands", {}).items())
    if len(path) > 1:
        yield _command(command, path, bool(children))
    for name, child in children:
        yield from _commands(child, (*path, name))


def _command(command: Any, path: tuple[str, ...], is_group: bool) -> str:
    level = "##" if len(path) == 2 else "###"
    said, _, example = " ".join((command.help or "").split()).partition("Example: ")
    parts = [f"{level} {' '.join(path)}", said.strip(), f"Example: `{example.rstrip('.')}`" if example else ""]
    if not is_group or getattr(command, "invoke_without_command", False):
        parts.append(table(("argument or option", "default", "meaning"), _parameters(command)))
    return "\n\n".join(part for part in parts if part)


def _parameters(command: Any) -> Iterator[tuple[str, ...]]:
    for each in command.params:
        if each.name != "help":
            name = "/".join(each.opts) if each.param_type_name == "option" else f"{(each.name or '').upper()}"
            yield code(name), "required" if each.required else _default(each), getattr(each, "help", None) or ""


def _default(parameter: Any) -> str:
    default = parameter.default
    if isinstance(default, Path) and default.is_relative_to(ROOT):
        return code(default.relative_to(ROOT))
    return "" if default in (None, False, ()) or callable(default) else code(default)
