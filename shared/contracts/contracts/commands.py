"""`makersync schemas`: release event schemas and the documents made from them, and check that nothing released was broken."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import contracts
from contracts.asyncapi import asyncapi
from contracts.release import Document, Files, all_series, breaches, is_current, release, render, tampered
from makersync.cli.messages import operator_errors
from makersync.effects.reading import Reader, schema_of
from makersync.errors import OperatorError
from makersync.runtime.documents import installed_services, openapi_document, readers_of

app = typer.Typer(
    help="Release and check event schemas and API documents. Example: makersync schemas check", no_args_is_help=True
)
out = Console(highlight=False, soft_wrap=True)

#: The schemas beside the contracts' source, in a checkout.
CHECKOUT = Path(contracts.__file__).parents[1] / "schemas"
ASYNCAPI = "asyncapi.json"
Folder = Annotated[Path, typer.Option(help="The folder of the released schemas.")]


@app.command("release")
def release_command(folder: Folder = CHECKOUT) -> None:
    """Write the next revision of every schema whose model has changed, with its examples, and the API documents.

    Example: makersync schemas release"""
    with operator_errors():
        written = asyncio.run(_release(folder))
    out.print("\n".join(f"wrote {path}" for path in sorted(written)) or "Everything is released already.")


@app.command("check")
def check_command(folder: Folder = CHECKOUT) -> None:
    """Exit with status 0 if the released schemas and documents are those of the present code.

    Example: makersync schemas check"""
    with operator_errors():
        complaints = asyncio.run(_check(folder))
        if complaints:
            raise OperatorError("\n".join(complaints))
    out.print("Every schema is released and unchanged, and no released reader is broken.")


def read_files(folder: Path) -> dict[str, bytes]:
    """Every JSON file below `folder` by its path there. Raises OperatorError when there is no such folder."""
    if not folder.is_dir():
        raise OperatorError(f"There is no folder {folder}: run this in a checkout, or name one with --folder.")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.json")}


async def broken(files: Files) -> tuple[str, ...]:
    """What no release can repair: edited files, and changes that a released reader would not survive."""
    readers = await read_schemas()
    unsafe = [f"{breach}: this needs a new major version of the topic" for breach in breaches(files, readers)]
    return (*tampered(files), *unsafe)


async def read_schemas() -> Mapping[str, list[Document]]:
    """The schemas of what the installed services read of each event type, by `<topic>/<type>`."""
    schemas: dict[str, list[Document]] = {}
    for reader in await installed_readers():
        for kind, model in reader.models.items():
            schemas.setdefault(f"{reader.topic.name}/{kind}", []).append(schema_of(model))
    return schemas


async def installed_readers() -> tuple[Reader, ...]:
    """How every consumer of every installed service reads its topics."""
    return tuple([reader for service in installed_services().values() for reader in await readers_of(service)])


async def documents(files: Files) -> dict[str, bytes]:
    """The AsyncAPI and OpenAPI documents of today, by path; `files` must hold what is released."""
    made = {ASYNCAPI: render(asyncapi(files))}
    for name, definition in installed_services().items():
        made[f"openapi/{name}.json"] = render(await openapi_document(definition))
    return made


async def _release(folder: Path) -> dict[str, bytes]:
    files = read_files(folder)
    if complaints := await broken(files):
        raise OperatorError("\n".join((*complaints, "Nothing was written.")))
    written = release(files)
    made = await documents({**files, **written})
    written |= {path: content for path, content in made.items() if files.get(path) != content}
    for path, content in written.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return written


async def _check(folder: Path) -> tuple[str, ...]:
    files = read_files(folder)
    complaints = list(await broken(files))
    unreleased = [
        f"{series.stem}: the model is not what was released" for series in all_series() if not is_current(files, series)
    ]
    if not unreleased:
        made = await documents(files)
        unreleased = [f"{path} is not up to date" for path, content in made.items() if files.get(path) != content]
    advice = ["Run `makersync schemas release` and commit what it writes."] if unreleased else []
    return (*complaints, *unreleased, *advice)
