"""Share what both PostgreSQL indexes do: a version is a table, made whole in one transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from sqlalchemy import Connection, Engine, bindparam, create_engine, inspect, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.types import BigInteger

from rag.errors import IndexStaleError
from rag.indexes.base import REBUILD, IndexBackendError, Version

IDS = bindparam("ids", type_=ARRAY(BigInteger))


class Connecting(Protocol):
    """Open transactions: one after another on an engine, or always the same one."""

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Yield a connection in a transaction; raise IndexBackendError when the database refuses."""
        ...


class Transactions:
    """Begin a transaction of its own for every piece of work."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Yield a connection in a transaction; raise IndexBackendError when the database refuses."""
        with refusing(), self.engine.begin() as connection:
            yield connection


class OneTransaction:
    """Do every piece of work in one transaction, which somebody else ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Yield the connection."""
        with refusing():
            yield self._connection


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what the database says into IndexBackendError, or IndexStaleError where a table is gone."""
    try:
        yield
    except (DBAPIError, ArgumentError, ImportError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        if getattr(getattr(error, "orig", None), "sqlstate", "") == "42P01":  # undefined table
            raise IndexStaleError(f"PostgreSQL index: {reason}; {REBUILD}") from error
        raise IndexBackendError(f"PostgreSQL index: {reason}") from error


def connect(url: str) -> Engine:
    """Return an engine; raise IndexBackendError when the URL is no PostgreSQL one."""
    if not url.startswith("postgresql"):
        raise IndexBackendError(
            "a PostgreSQL index needs a database URL that begins with postgresql+psycopg://"
        )
    with refusing():
        return create_engine(url)


def table_name(kind: str, version: Version) -> str:
    """Name the table of a version; nothing in it needs quoting."""
    return f"pairloop_{kind}_{re.sub('[^a-z0-9]', '_', version.name.lower())}"


def has_table(transactions: Connecting, name: str) -> bool:
    """Tell whether a table is there; as it is made in one transaction, it is then whole."""
    with transactions.begin() as connection:
        return inspect(connection).has_table(name)


class Tables:
    """Keep each version of one kind of index as a table: what both backends have in common."""

    remote = True
    extends = True
    kind = ""

    def __init__(self, url: str) -> None:
        self._url = url

    def table(self, version: Version) -> str:
        """Name the table of a version."""
        return table_name(self.kind, version)

    def has(self, version: Version) -> bool:
        """Tell whether the table is there."""
        with self.engine() as engine:
            return has_table(Transactions(engine), self.table(version))

    def opened(self, version: Version) -> tuple[Transactions, str]:
        """Return what reads a version; raise IndexStaleError when the table is not there."""
        if not self.has(version):
            raise IndexStaleError(f"PostgreSQL index: no table {self.table(version)}; {REBUILD}")
        return Transactions(connect(self._url)), self.table(version)

    def drop(self, version: Version) -> None:
        """Drop the table, if it is there."""
        with self.engine() as engine:
            drop_table(Transactions(engine), self.table(version))

    def size_bytes(self, version: Version) -> int:
        """Return the size of the table and its indexes."""
        with self.engine() as engine:
            return table_bytes(Transactions(engine), self.table(version))

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """Yield an engine for a while."""
        engine = connect(self._url)
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def making(engine: Engine, name: str, base: str | None, columns: str) -> Iterator[OneTransaction]:
    """Yield a transaction with a new table, empty or a copy of `base`; commit it at the end.

    Whoever else wants to make the same table waits.
    """
    with refusing(), engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
        connection.execute(text(f"CREATE TABLE {name} (chunk_id bigint PRIMARY KEY, {columns})"))
        if base:
            connection.execute(text(f"INSERT INTO {name} SELECT * FROM {base}"))  # noqa: S608 - our own names
        yield OneTransaction(connection)


def count_rows(transactions: Connecting, name: str) -> int:
    """Count the rows of a table."""
    with transactions.begin() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0)  # noqa: S608 - our own name


def delete_rows(connection: Connection, name: str, ids: list[int]) -> None:
    """Delete rows by chunk id."""
    connection.execute(
        text(f"DELETE FROM {name} WHERE chunk_id = ANY(:ids)").bindparams(IDS),  # noqa: S608 - our own name
        {"ids": ids},
    )


def drop_table(transactions: Connecting, name: str) -> None:
    """Drop a table, if it is there."""
    with transactions.begin() as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))


def table_bytes(transactions: Connecting, name: str) -> int:
    """Return the size of a table with its indexes."""
    with transactions.begin() as connection:
        size = connection.scalar(text("SELECT pg_total_relation_size(to_regclass(:name))"), {"name": name})
        return int(size or 0)
