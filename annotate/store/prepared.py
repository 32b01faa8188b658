"""Run a statement that was compiled once, on the driver's own cursor: for the few paths that must be fast.

SQLAlchemy takes ten times as long to carry out a small statement as SQLite does. A `Prepared`
statement is written, typed and compiled like any other of SQLAlchemy's and takes part in the transaction
of the session it is given; only the work that is the same every time is done once.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.types import Float, Numeric, TypeEngine

Convert = Callable[[Any], Any] | None
_DRIVERS: WeakKeyDictionary[SessionTransaction, tuple[Any, Dialect]] = WeakKeyDictionary()


class Prepared:
    """Hold a statement of SQLAlchemy Core, compiled for each dialect and each set of named values once.

    Without lists of values (`in_`), whose text depends on their number.
    Rows are named tuples. Errors of the driver are raised as those of SQLAlchemy.
    """

    def __init__(self, statement: Executable) -> None:
        """Take the statement; it is compiled when it runs for the first time."""
        self.statement = statement
        self._compiled: dict[tuple[str, tuple[str, ...]], _Compiled] = {}

    def all(self, session: Session, values: dict[str, Any]) -> list[Any]:
        """Return all rows."""
        compiled, cursor = self._execute(session, values)
        return compiled.rows(cursor.fetchall())

    def first(self, session: Session, values: dict[str, Any]) -> Any:
        """Return the only row, or None."""
        rows = self.all(session, values)
        return rows[0] if rows else None

    def scalar(self, session: Session, values: dict[str, Any]) -> Any:
        """Return the first value of the only row, or None."""
        row = self.first(session, values)
        return None if row is None else row[0]

    def run(self, session: Session, values: dict[str, Any]) -> int:
        """Carry it out; return how many rows it changed."""
        return int(self._execute(session, values)[1].rowcount)

    def _execute(self, session: Session, values: dict[str, Any]) -> tuple[_Compiled, Any]:
        driver, dialect = _driver(session)
        key = (dialect.name, tuple(values))
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = _compile(self.statement, dialect, tuple(values))
        given = compiled.bind(values)
        try:
            return compiled, driver.execute(compiled.text, given)
        except compiled.error as error:
            raise DBAPIError.instance(
                compiled.text, None, error, compiled.error, hide_parameters=True, dialect=dialect
            ) from error


@dataclass(frozen=True)
class _Compiled:
    """Hold the text for the driver, how its values are made, and how its rows are read.

    Each value is (place, how to convert it, what it is by default); a place is a name, or a number
    where the driver takes values by their order.
    """

    text: str
    binds: tuple[tuple[str, Convert, Any], ...]
    by_name: bool
    row: Any
    converts: tuple[tuple[int, Callable[[Any], Any]], ...]
    error: type[Exception]

    def bind(self, values: dict[str, Any]) -> Any:
        """Return the values as the driver takes them."""
        made = []
        for name, convert, default in self.binds:
            value = values[name] if name in values else default() if callable(default) else default
            made.append(value if convert is None else convert(value))
        return dict(zip([name for name, *_ in self.binds], made, strict=True)) if self.by_name else made

    def rows(self, found: Sequence[Any]) -> list[Any]:
        """Turn the driver's rows into named tuples."""
        make = self.row._make
        if not self.converts:
            return [make(row) for row in found]
        made = []
        for row in found:
            values = list(row)
            for at, convert in self.converts:
                values[at] = convert(values[at])
            made.append(make(values))
        return made


def _driver(session: Session) -> tuple[Any, Dialect]:
    """Return the driver's connection of a session's transaction, which is begun where there is none."""
    transaction = session.get_transaction()
    found = None if transaction is None else _DRIVERS.get(transaction)
    if found is None:
        connection = session.connection()
        found = connection.connection.driver_connection, connection.dialect
        begun = session.get_transaction()
        assert begun is not None  # noqa: S101 - a connection is always that of a transaction
        _DRIVERS[begun] = found
    return found


def _compile(statement: Any, dialect: Dialect, names: tuple[str, ...]) -> _Compiled:
    is_written = statement.is_insert or statement.is_update
    compiled = statement.compile(dialect=dialect, column_keys=list(names) if is_written else None)
    if "POSTCOMPILE" in compiled.string:
        raise ValueError("a list of values cannot be prepared; write it out")
    defaults: dict[str, Any] = dict(compiled.params)
    for column in compiled.insert_prefetch if is_written else ():
        default = column.default.arg
        defaults[column.key] = _called(default) if column.default.is_callable else default
    types = {name: bind.type for bind, name in compiled.bind_names.items()}
    order = compiled.positiontup if compiled.positional else types
    binds = tuple((name, _binder(types[name], dialect), defaults[name]) for name in order)
    columns = statement.exported_columns
    readers = [_reader(column.type, dialect) for column in columns]
    assert dialect.dbapi is not None  # noqa: S101 - an engine has its driver
    return _Compiled(
        compiled.string,
        binds,
        not compiled.positional,
        namedtuple("Row", columns.keys(), rename=True),
        tuple((at, reader) for at, reader in enumerate(readers) if reader is not None),
        dialect.dbapi.Error,
    )


def _called(default: Callable[[Any], Any]) -> Callable[[], Any]:
    """Return a column's default as a function without the context that SQLAlchemy hands it."""
    return lambda: default(None)


def _binder(type_: TypeEngine[Any], dialect: Dialect) -> Convert:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _reader(type_: TypeEngine[Any], dialect: Dialect) -> Convert:
    """Return how a value is read; the drivers give numbers as they are."""
    return (
        None
        if isinstance(type_, (Numeric, Float))
        else type_.dialect_impl(dialect).result_processor(dialect, None)
    )
