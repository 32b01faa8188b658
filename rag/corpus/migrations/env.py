"""Run the migrations on the engine that is handed over in the configuration."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Engine

import rag.precomputed.table  # noqa: F401 - its table belongs to the corpus
from rag.corpus.tables import CorpusTable

engine: Engine = context.config.attributes["engine"]

with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=CorpusTable.metadata,
        render_as_batch=True,
        version_table="corpus_version",
        include_name=lambda name, kind, _parents: kind != "table" or name in CorpusTable.metadata.tables,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
