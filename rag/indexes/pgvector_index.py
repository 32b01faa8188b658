"""Search vectors in PostgreSQL with the extension pgvector: HNSW, ids filtered in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from rag.indexes import postgres
from rag.indexes.base import Hit, Version, batched

EXACT_UP_TO = 20_000  # allowed ids; below, all of them are compared
_MAX_DIMENSION = 2_000  # that HNSW takes
_MAX_BREADTH = 1_000
_BATCH = 1_000


class PgvectorIndex:
    """Hold unit vectors in a table with an HNSW index and answer by cosine."""

    def __init__(self, transactions: postgres.Connecting, table: str) -> None:
        self._transactions, self._table = transactions, table

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Index unit vectors (n, dimension) under distinct chunk ids, in place of older ones."""
        rows = zip(map(int, ids), np.asarray(vectors, np.float32), strict=True)
        insert = text(f"INSERT INTO {self._table} VALUES (:chunk_id, CAST(:vector AS vector))")  # noqa: S608
        with self._transactions.begin() as connection:
            for some in batched(rows, _BATCH):
                postgres.delete_rows(connection, self._table, [chunk_id for chunk_id, _ in some])
                connection.execute(insert, [{"chunk_id": n, "vector": _written(v)} for n, v in some])

    def remove(self, ids: Collection[int]) -> None:
        """Forget chunks; ids that are not there are ignored."""
        with self._transactions.begin() as connection:
            postgres.delete_rows(connection, self._table, list(map(int, ids)))

    def search(
        self, vectors: NDArray[np.float32], count: int, allowed: Collection[int] | None = None
    ) -> list[list[Hit]]:
        """Return hits for each unit vector, best first; a filter never makes them fewer than there are."""
        ids = None if allowed is None else sorted(set(map(int, allowed)))
        if ids == [] or count == 0:
            return [[] for _ in vectors]
        with self._transactions.begin() as connection:
            connection.execute(text("SELECT set_config('hnsw.iterative_scan', 'strict_order', true)"))
            breadth = str(min(max(count, 100), _MAX_BREADTH))
            connection.execute(text("SELECT set_config('hnsw.ef_search', :n, true)"), {"n": breadth})
            return [self._search(connection, _written(vector), count, ids) for vector in vectors]

    def __len__(self) -> int:
        """Count the chunks."""
        return postgres.count_rows(self._transactions, self._table)

    def close(self) -> None:
        """Close the connections of an index of its own; inside of a transaction, do nothing."""
        if isinstance(self._transactions, postgres.Transactions):
            self._transactions.engine.dispose()

    def _search(self, connection: Connection, vector: str, count: int, ids: list[int] | None) -> list[Hit]:
        if ids is not None and len(ids) <= EXACT_UP_TO:
            return self._nearest(connection, vector, count, ids, exact=True)
        hits = self._nearest(connection, vector, count, ids, exact=False)
        if len(hits) < count:  # the iterative scan stopped at its limit, or there are no more
            hits = self._nearest(connection, vector, count, ids, exact=True)
        return hits

    def _nearest(
        self, connection: Connection, vector: str, count: int, ids: list[int] | None, *, exact: bool
    ) -> list[Hit]:
        # A materialised list has no index, so that everything on it is compared.
        where = "" if ids is None else " WHERE chunk_id = ANY(:ids)"
        source = f"SELECT chunk_id, vector <=> CAST(:vector AS vector) AS distance FROM {self._table}{where}"  # noqa: S608
        listed = "MATERIALIZED" if exact else "NOT MATERIALIZED"
        query: Any = text(
            f"WITH near AS {listed} ({source}) SELECT chunk_id, distance FROM near"  # noqa: S608 - our own names
            " ORDER BY distance" + (", chunk_id" if exact else "") + " LIMIT :count"
        )
        values: dict[str, Any] = {"vector": vector, "count": count}
        if ids is not None:
            query, values = query.bindparams(postgres.IDS), values | {"ids": ids}
        return [
            Hit(int(row.chunk_id), 1.0 - float(row.distance)) for row in connection.execute(query, values)
        ]


class PgvectorBackend(postgres.Tables):
    """Keep each version as a table of a PostgreSQL database."""

    format = "pgvector-1"
    kind = "vectors"

    @contextmanager
    def building(self, version: Version, base: Version | None) -> Iterator[PgvectorIndex]:
        """Yield an index inside of one transaction, and make its graph at the end."""
        table = self.table(version)
        old = self.table(base) if base else None
        with self.engine() as engine:
            with postgres.refusing(), engine.begin() as connection:
                connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
            with postgres.making(engine, table, old, "vector vector") as transaction:
                yield PgvectorIndex(transaction, table)
                with transaction.begin() as connection:
                    _finish(connection, table)

    def open(self, version: Version) -> PgvectorIndex:
        """Open a version; raise IndexStaleError when the table is not there."""
        return PgvectorIndex(*self.opened(version))


def _finish(connection: Connection, table: str) -> None:
    """Fix the dimension, which the first vector told, and build the graph where it can be."""
    dimension = connection.scalar(text(f"SELECT vector_dims(vector) FROM {table} LIMIT 1"))  # noqa: S608
    if dimension is None:
        return
    connection.execute(text(f"ALTER TABLE {table} ALTER COLUMN vector TYPE vector({int(dimension)})"))
    if dimension <= _MAX_DIMENSION:
        connection.execute(text(f"CREATE INDEX ON {table} USING hnsw (vector vector_cosine_ops)"))
    connection.execute(text(f"ANALYZE {table}"))


def _written(vector: NDArray[np.float32]) -> str:
    return "[" + ",".join(map(str, vector.tolist())) + "]"
