"""What commands that put a database right after its restoration do about the people who sign in to it."""

from rich.console import Console

from makersync.members.restoring import end_entrances
from makersync.store.database import Store

_LEFT = (
    "Members, roles, passwords and second steps are those of the database: remove again whoever was removed since the backup "
    "was made, and invite again whoever is missing."
)


async def sign_all_out(store: Store, out: Console) -> None:
    """Prints what was ended, and what is left to do by hand."""
    async with store.transaction() as session:
        ended = await end_entrances(session)
    listed = ", ".join(f"{what} {count}" for what, count in ended.items() if count) or "nothing, there was none"
    out.print(f"Everybody is signed out, and no link that was sent works any more. Ended: {listed}.")
    out.print(_LEFT)
