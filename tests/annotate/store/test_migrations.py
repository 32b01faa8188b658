"""Migrations: up, down, and equal to the tables in the code, on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect

from annotate.store import Table
from annotate.store.engine import migrate
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
    migrate(engine, "base")
    assert inspect(engine).get_table_names() == [VERSION]
    migrate(engine)
    migrate(engine)
    assert set(inspect(engine).get_table_names()) == {*Table.metadata.tables, VERSION}


def test_the_corpus_tables_of_the_same_database_are_left_alone(engine: Engine) -> None:
    CorpusTable.metadata.create_all(engine)
    migrate(engine)
    migrate(engine, "base")
    assert set(inspect(engine).get_table_names()) == {*CorpusTable.metadata.tables, VERSION}
