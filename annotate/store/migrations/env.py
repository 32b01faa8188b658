"""Run the migrations on the engine that is handed over in the configuration."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Engine

from annotate.store import Table

engine: Engine = context.config.attributes["engine"]

with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=True,
        version_table="pairloop_version",
        include_name=lambda name, kind, _parents: kind != "table" or name in Table.metadata.tables,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
