"""Describes database failures in this product's words, because drivers' messages quote statements, values and settings.

Sources of the codes: PostgreSQL's manual, appendix A (SQLSTATE); SQLite's result codes, of which its driver shows only the
texts.
"""

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from makersync.errors import OperatorError, RetryLater


class DatabaseAway(RetryLater):
    """The database does not answer, or has ended the transaction. Nothing was changed."""


class DatabaseRefused(DatabaseAway, OperatorError):
    """The database refuses, and only an operator can change that. Commands end; running services keep trying."""


POOLER = (
    "A connection pooler answers at {place}. Makersync needs PostgreSQL's own address: limits on idle transactions and "
    "prepared statements belong to a session, which a pooler shares. Correct MAKERSYNC_DATABASE_URL"
)
#: Messages by SQLSTATE prefix; the longest matching prefix applies.
_REFUSED = {
    "28": "The database at {place} does not take this user or password. Correct MAKERSYNC_DATABASE_URL or the password file",
    "3D": "The database {name} does not exist at {place}. Create it, or correct MAKERSYNC_DATABASE_URL",
    "42501": "The user {user} lacks rights in the database {name} at {place}. It must own the database",
    "42P01": "The database {name} at {place} lacks tables of this version. Run `makersync SERVICE migrate`",
    "25006": "The database {name} at {place} takes no writes, as a standby would. Correct MAKERSYNC_DATABASE_URL",
    "42P05": POOLER,
    "26000": POOLER,
    # PgBouncer reports this for an unsupported startup parameter; this product's own driver never violates the protocol.
    "08P01": POOLER,
}
#: After these errors the same transaction may succeed.
_PASSING = {
    "08": "no database answers at {place}",
    "25P03": "the database at {place} ended a transaction that stood still",
    "40": "the database at {place} undid the transaction for the sake of another",
    "53": "the database at {place} has no memory or disk left for this",
    "53300": "the database at {place} takes no more connections",
    "57P": "the database at {place} is starting or stopping",
}
_SQLITE_REFUSED = {
    "unable to open": "The database file {name} cannot be opened. Its folder must exist, and be this user's to write to",
    "not a database": "{name} is no database. Name the right one: MAKERSYNC_STATE_FOLDER or MAKERSYNC_DATABASE_URL",
    "readonly database": "This user cannot write the database file {name}. Give it the right to",
    "no such table": "The database {name} lacks tables of this version. Run `makersync SERVICE migrate`",
}
_SQLITE_PASSING = {
    "is locked": "another process keeps the database {name} busy",
    "is full": "the disk of the database {name} is full",
    "I/O error": "the disk of the database {name} fails",
}


def named(error: BaseException, url: URL) -> DatabaseAway | None:
    """The error to raise for a failure of the driver, the pool or the network; None if the statement itself is at fault."""
    if isinstance(error, DBAPIError):
        return _named_by_driver(error, url)
    if isinstance(error, PoolTimeout):
        return DatabaseAway(f"every connection of this process to the database at {_place(url)} is busy")
    if isinstance(error, (OSError, DisconnectionError)):
        return DatabaseAway(f"no database answers at {_place(url)}")
    return None


def refused_pooler(url: URL) -> DatabaseRefused:
    return DatabaseRefused(f"{_filled(POOLER, url)}.")


def _named_by_driver(error: DBAPIError, url: URL) -> DatabaseAway | None:
    code, text = str(getattr(error.orig, "sqlstate", None) or ""), str(error.orig)
    sqlite = url.get_backend_name() == "sqlite"
    refused = _within(_SQLITE_REFUSED, text) if sqlite else _beginning(_REFUSED, code)
    if refused is not None:
        return DatabaseRefused(f"{_filled(refused, url)}.")
    passing = _within(_SQLITE_PASSING, text) if sqlite else _beginning(_PASSING, code)
    if passing is not None:
        return DatabaseAway(_filled(passing, url))
    if error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError)):
        return DatabaseAway(f"the connection to the database at {_place(url)} was lost")
    return None


def _beginning(texts: dict[str, str], code: str) -> str | None:
    return next((texts[each] for each in sorted(texts, key=len, reverse=True) if code.startswith(each)), None)


def _within(texts: dict[str, str], said: str) -> str | None:
    return next((text for part, text in texts.items() if part in said), None)


def _filled(text: str, url: URL) -> str:
    return text.format(place=_place(url), name=url.database or url.username, user=url.username)


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return f"{url.host or 'the local socket'}:{url.port or 5432}"
