"""Run the migrations on the engine that is handed over in the configuration."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Engine, text

from annotate.store import Table

engine: Engine = context.config.attributes["engine"]

with engine.connect() as connection:
    if engine.dialect.name == "sqlite":
        # Its tables are rebuilt by the migrations: dropping the old one must not drop what refers to it.
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
    with connection.begin():  # one for all revisions: nobody else may find the tables between two of them
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('pairloop_version'))"))
        context.configure(
            connection=connection,
            target_metadata=Table.metadata,
            render_as_batch=True,
            version_table="pairloop_version",
            include_name=lambda name, kind, _parents: kind != "table" or name in Table.metadata.tables,
        )
        context.run_migrations()
    if engine.dialect.name == "sqlite":
        connection.invalidate()  # the next connection keeps the foreign keys again
