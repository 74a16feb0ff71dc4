"""Copies rows that are about to be replaced or deleted into a table of the past, inside the database."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, and_, bindparam, column, func, literal, select
from sqlalchemy import cast as typed
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel.ext.asyncio.session import AsyncSession

Key = Mapping[str, Any]
AT_ONCE = 5000


async def copy_rows(session: AsyncSession, source: type, target: type, keys: Sequence[Key], values: Mapping[str, Any]) -> None:
    """Copy the columns that both tables have from the rows with these keys, and set those of `values`. All keys name the same
    columns. What the target has already stays as it is."""
    if not keys:
        return
    rows, past = _declared(source), _declared(target)
    given = {name: literal(value, past.c[name].type) for name, value in values.items()}
    shared = [each.name for each in past.c if each.name in rows.c and each.name not in given]
    taken = [*(rows.c[name] for name in shared), *given.values()]
    names = [*shared, *given]
    if session.get_bind().dialect.name == "postgresql":
        for start in range(0, len(keys), AT_ONCE):
            wanted = _listed(rows, keys[start : start + AT_ONCE])
            found = select(*taken).join(wanted, and_(*(rows.c[name] == wanted.c[name] for name in keys[0])))
            await session.exec(postgresql.insert(past).from_select(names, found).on_conflict_do_nothing())
    else:
        found = select(*taken).where(*(rows.c[name] == bindparam(f"key_{name}") for name in keys[0]))
        copying = sqlite.insert(past).prefix_with("OR IGNORE").from_select(names, found)
        await session.exec(copying, params=[{f"key_{name}": value for name, value in key.items()} for key in keys])


def _listed(rows: Table, keys: Sequence[Key]) -> Any:
    arrays = [typed([key[name] for key in keys], postgresql.ARRAY(rows.c[name].type)) for name in keys[0]]
    return (
        func.unnest(*arrays)
        .table_valued(*(column(name, rows.c[name].type) for name in keys[0]), name="wanted")
        .render_derived()
    )


def _declared(table: type) -> Table:
    return cast(Table, table.__table__)  # type: ignore[attr-defined]
