"""Migrations: up, down, and equal to the tables in the code, on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, delete, func, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from annotate.store import Table
from annotate.store.engine import migrate, migrate_down, open_store
from annotate.store.history import HISTORIES
from rag.corpus import CorpusTable

VERSION = "pairloop_version"


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'migrated.db'}"
    else:
        make: Callable[[str], str] = request.getfixturevalue("postgres_database")
        url = make("migrated")
    engine = create_engine(url)
    yield engine
    engine.dispose()


def test_the_migrated_tables_are_those_of_the_code(engine: Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": lambda name, *_: name != VERSION}
        )
        assert compare_metadata(context, Table.metadata) == []
        assert set(inspect(connection).get_table_names()) == {*Table.metadata.tables, VERSION}


def test_down_takes_everything_back_and_up_again_brings_it_back(engine: Engine) -> None:
    migrate(engine)
    migrate_down(engine)
    assert inspect(engine).get_table_names() == [VERSION]
    migrate(engine)
    migrate(engine)
    assert set(inspect(engine).get_table_names()) == {*Table.metadata.tables, VERSION}


def test_the_corpus_tables_of_the_same_database_are_left_alone(engine: Engine) -> None:
    CorpusTable.metadata.create_all(engine)
    migrate(engine)
    migrate_down(engine)
    assert set(inspect(engine).get_table_names()) == {*CorpusTable.metadata.tables, VERSION}


OLD_ROWS = (
    "INSERT INTO assessors VALUES (1, 'anna', 'person', '[\"en\"]', '', true, '2026-01-01')",
    "INSERT INTO assessors VALUES (2, 'boris', 'person', '[\"ru\"]', '', false, '2026-01-01')",
    "INSERT INTO guidelines VALUES (1, 'hash', '{}', '2026-01-01')",
    "INSERT INTO contenders VALUES (1, 'first', 'f1', '{}', '2026-01-01')",
    "INSERT INTO contenders VALUES (2, 'second', 'f2', '{}', '2026-01-01')",
    "INSERT INTO questions VALUES (1, 'q1', 'Сколько?', 'ru', '', '[]', '{}', '2026-01-01')",
    "INSERT INTO answers (id, question_id, contender_id, text, sentences, passages, prompt, "
    "model_fingerprint, index_fingerprint, refused, new_tokens, seconds, created_at) VALUES "
    "(1, 1, 1, 'Сорок.', '[]', '[]', '[]', 'm', 'i', false, 1, 0.5, '2026-01-01'), "
    "(2, 1, 2, 'Сорок два.', '[]', '[]', '[]', 'm', 'i', false, 1, 0.5, '2026-01-01')",
    "INSERT INTO pairs VALUES (1, 1, 1, 2, '2026-01-01')",
    "INSERT INTO tasks VALUES (1, 1, 1, 0.5, 1, false, '{}', '2026-01-01')",
    "INSERT INTO assignments VALUES (1, 1, 1, 'submitted', false, '', false, '2026-01-01', '2026-01-02')",
    "INSERT INTO judgements VALUES "
    "(1, 1, 1, 'key', 'A_better', '{}', '{}', 'fine', NULL, '{}', 1, 'ui', 3.5, '2026-01-01')",
)


def test_a_ledger_of_the_first_release_keeps_its_rows_up_and_down(engine: Engine) -> None:
    migrate(engine, "0002")
    with engine.begin() as connection:
        for row in OLD_ROWS:
            connection.execute(text(row))
    open_store(engine.url.render_as_string(hide_password=False)).engine.dispose()
    with engine.connect() as connection:
        task = connection.execute(
            text(
                "SELECT campaign_id, pool, language, max_overlap, people_places, open_to_people, "
                "open_to_machines, rank FROM tasks"
            )
        ).one()
        assert tuple(task) == (1, "main", "ru", 1, 1, False, True, -0.5)
        states = connection.execute(text("SELECT name, state FROM assessors ORDER BY id")).all()
        assert [tuple(row) for row in states] == [("anna", "active"), ("boris", "paused")]
        assert connection.scalar(text("SELECT comment FROM judgements")) == "fine"
    migrate_down(engine, "0002")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT verdict FROM judgements")) == "A_better"
        actives = connection.execute(text("SELECT active FROM assessors ORDER BY id")).scalars().all()
        assert [bool(active) for active in actives] == [True, False]
        assert connection.scalar(text("SELECT state FROM assignments")) == "submitted"


@pytest.mark.parametrize("table", HISTORIES)
def test_the_history_can_only_grow(engine: Engine, table: str) -> None:
    migrate(engine, "0002")
    with engine.begin() as connection:
        for row in OLD_ROWS:
            connection.execute(text(row))
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO events (at, kind, details) VALUES ('2026-01-01', 'submitted', '{}')")
        )
        connection.execute(
            text(
                "INSERT INTO audit_entries (at, actor, action, target, details) "
                "VALUES ('2026-01-01', 'an admin', 'promote', '', '{}')"
            )
        )
    rows = Table.metadata.tables[table]
    for statement in (delete(rows), update(rows).values(id=rows.c.id + 1)):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(statement)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(rows)) == 1
