"""Search words with PostgreSQL's full text search over stems of our own.

The stems go in as ready lexemes with their positions, which is what the configuration `simple`
would make of them: no dictionary of the server meets them, so Russian works on any server.
The terms of a query are joined by OR; `websearch_to_tsquery` would AND them and miss most.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text

from rag.indexes import postgres
from rag.indexes.base import Hit, Version, batched
from rag.indexes.stemming import terms

_BATCH = 500
_LAST_POSITION = 16_383  # that a tsvector can hold
_MAX_POSITIONS = 255  # of one lexeme
_MAX_LEXEME_BYTES = 2_000
_NORMALISATION = 1 | 32  # by the logarithm of the length, then into [0, 1)


class PostgresTextIndex:
    """Hold the stems of chunks in a tsvector column with a GIN index; rank by cover density.

    Source of the rank: Clarke, Cormack & Tudhope, "Relevance ranking for one to three term
    queries", 1999; `ts_rank_cd` of PostgreSQL.
    """

    def __init__(self, transactions: postgres.Connecting, table: str) -> None:
        self._transactions, self._table = transactions, table

    def add(self, rows: Iterable[tuple[int, str]]) -> None:
        """Index texts under distinct chunk ids, in place of older ones."""
        insert = text(f"INSERT INTO {self._table} VALUES (:chunk_id, CAST(:terms AS tsvector))")  # noqa: S608
        with self._transactions.begin() as connection:
            for some in batched(rows, _BATCH):
                postgres.delete_rows(connection, self._table, [chunk_id for chunk_id, _ in some])
                connection.execute(insert, [{"chunk_id": n, "terms": _lexemes(t)} for n, t in some])

    def remove(self, ids: Collection[int]) -> None:
        """Forget chunks; ids that are not there are ignored."""
        with self._transactions.begin() as connection:
            postgres.delete_rows(connection, self._table, list(map(int, ids)))

    def search(
        self, queries: Sequence[str], count: int, allowed: Collection[int] | None = None
    ) -> list[list[Hit]]:
        """Return hits for each query, best first; the filter is part of the statement."""
        if count == 0:
            return [[] for _ in queries]
        ids = None if allowed is None else list(map(int, allowed))
        with self._transactions.begin() as connection:
            return [self._search(connection, query, count, ids) for query in queries]

    def __len__(self) -> int:
        """Count the chunks."""
        return postgres.count_rows(self._transactions, self._table)

    def close(self) -> None:
        """Close the connections of an index of its own; inside of a transaction, do nothing."""
        if isinstance(self._transactions, postgres.Transactions):
            self._transactions.engine.dispose()

    def _search(self, connection: Connection, query: str, count: int, ids: list[int] | None) -> list[Hit]:
        wanted = [_quoted(term) for term in dict.fromkeys(terms(query)) if _fits(term)]
        if not wanted:
            return []
        where = "" if ids is None else " AND chunk_id = ANY(:ids)"
        statement: Any = text(
            f"SELECT chunk_id, ts_rank_cd(terms, wanted, {_NORMALISATION}) AS score"  # noqa: S608 - our own names
            f" FROM {self._table}, CAST(:query AS tsquery) wanted WHERE terms @@ wanted{where}"
            " ORDER BY score DESC, chunk_id LIMIT :count"
        )
        values: dict[str, Any] = {"query": " | ".join(wanted), "count": count}
        if ids is not None:
            statement, values = statement.bindparams(postgres.IDS), values | {"ids": ids}
        return [Hit(int(row.chunk_id), float(row.score)) for row in connection.execute(statement, values)]


class PostgresTextBackend(postgres.Tables):
    """Keep each version as a table of a PostgreSQL database."""

    format = "postgres-1"
    kind = "words"

    @contextmanager
    def building(self, version: Version, base: Version | None) -> Iterator[PostgresTextIndex]:
        """Yield an index inside of one transaction, and make its GIN index at the end."""
        table = self.table(version)
        old = self.table(base) if base else None
        with self.engine() as engine, postgres.making(engine, table, old, "terms tsvector") as transaction:
            yield PostgresTextIndex(transaction, table)
            with transaction.begin() as connection:
                connection.execute(text(f"CREATE INDEX ON {table} USING gin (terms)"))
                connection.execute(text(f"ANALYZE {table}"))

    def open(self, version: Version) -> PostgresTextIndex:
        """Open a version; raise IndexStaleError when the table is not there."""
        return PostgresTextIndex(*self.opened(version))


def _lexemes(written: str) -> str:
    """Write the stems of a text as a tsvector: 'возврат':1,7 'товар':2."""
    places: dict[str, list[int]] = {}
    for position, term in enumerate(terms(written), start=1):
        places.setdefault(term, []).append(min(position, _LAST_POSITION))
    return " ".join(
        f"{_quoted(term)}:{','.join(map(str, found[:_MAX_POSITIONS]))}"
        for term, found in places.items()
        if _fits(term)
    )


def _fits(term: str) -> bool:
    return len(term.encode()) <= _MAX_LEXEME_BYTES


def _quoted(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"
