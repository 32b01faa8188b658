"""Open the database, with the begin modes that keep writers apart.

SQLite runs in WAL mode; writers begin IMMEDIATE, because a read that turns into a write
cannot wait for another writer. PostgreSQL needs nothing of the kind.
"""

from __future__ import annotations

import random
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.orm import Session, sessionmaker

from annotate.errors import StoreError

BUSY_SECONDS = 15
RETRY_SECONDS = (0.002, 0.0001)  # between two tries for the write lock: at first, and of who waits long
LONG_SECONDS = 0.003
# A step of the ledger may read in one connection while it writes in another. With fewer than twice the
# forty threads of the server, all of them could hold one and wait for a second.
KEPT, MORE = 20, 70


@dataclass(frozen=True)
class Store:
    """Hold the engines and session makers of one database.

    `with store.writing.begin() as session:` is the unit of work; `store.reading()` reads.
    """

    engine: Engine
    writing_engine: Engine
    reading: sessionmaker[Session]
    writing: sessionmaker[Session]


def open_store(url: str) -> Store:
    """Open the database and bring its tables up to date; raise StoreError when it is unusable."""
    try:
        engine = _engine(url)
    except (ArgumentError, ImportError, TypeError) as error:  # the last: a database in memory is not kept
        raise _unusable(url, error) from error
    writing = engine.execution_options(sqlite_begin="IMMEDIATE")
    try:
        migrate(writing)
    except (DatabaseError, CommandError) as error:
        engine.dispose()
        raise _unusable(url, error) from error
    return Store(engine, writing, sessionmaker(engine), sessionmaker(writing))


def _unusable(url: str, error: Exception) -> StoreError:
    reason = str(error.__cause__ or error).splitlines()[0]
    return StoreError(f"{_shown(url)}: not a usable Pairloop database: {reason}")


def migrate(engine: Engine, revision: str = "head") -> None:
    """Move the tables up to a revision of the schema."""
    command.upgrade(_migrations(engine), revision)


def migrate_down(engine: Engine, revision: str = "base") -> None:
    """Move the tables down to an earlier revision of the schema."""
    command.downgrade(_migrations(engine), revision)


def _migrations(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["engine"] = engine
    return config


def _shown(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "the database URL"


def _engine(url: str) -> Engine:
    engine = create_engine(url, pool_size=KEPT, max_overflow=MORE)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy says when a transaction begins
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Any) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    if mode == "IMMEDIATE":
        _await_write_lock(connection.connection.driver_connection)
    else:
        connection.exec_driver_sql(f"BEGIN {mode}")


def _await_write_lock(raw: sqlite3.Connection) -> None:
    """Begin a writing transaction, trying again at short even intervals.

    SQLite's own waiting sleeps ever longer, up to 0.1 s: with several writers some would starve. Here
    who has waited longer tries more often, so that turns come nearly in the order of asking.
    """
    raw.execute("PRAGMA busy_timeout=0")
    begun = time.monotonic()
    try:
        while True:
            try:
                raw.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                waited = time.monotonic() - begun
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or waited > BUSY_SECONDS:
                    raise
                time.sleep(_pause(waited))
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")


def _pause(waited: float) -> float:
    """Return the seconds until the next try, spread by half so that tries do not fall together."""
    first, last = RETRY_SECONDS
    pause = first + (last - first) * min(1.0, waited / LONG_SECONDS)
    return pause * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
