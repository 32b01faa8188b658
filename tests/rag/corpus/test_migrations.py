"""Migrations of the corpus: up, down, with documents in the tables, on both databases."""

from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from rag import Corpus, Document, ParagraphChunker
from rag.corpus import CorpusTable
from rag.corpus.migrations import migrate

VERSION = "corpus_version"


@pytest.fixture(params=["sqlite", "postgres"])
def any_engine(request: pytest.FixtureRequest, make_engine: Callable[[str], Engine]) -> Engine:
    return make_engine(request.param)


def test_the_migrated_tables_are_those_of_the_code(any_engine: Engine) -> None:
    migrate(any_engine)
    with any_engine.connect() as connection:
        options = {
            "compare_type": True,
            "include_name": lambda name, kind, _parents: (
                kind != "table" or name in CorpusTable.metadata.tables
            ),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, CorpusTable.metadata) == []


def test_documents_survive_the_way_down_to_the_first_form_and_up_again(any_engine: Engine) -> None:
    corpus = Corpus(any_engine)
    corpus.put(Document("a:1", "One", "The first text.\n\nThe second."), ParagraphChunker(10, 20))
    before = corpus.chunks()
    assert len(before) == 2
    migrate(any_engine, "-1")
    assert "entities" not in inspect(any_engine).get_table_names()
    assert Corpus(any_engine).chunks() == before
    assert not corpus.put(Document("a:1", "One", "The first text.\n\nThe second."), ParagraphChunker(10, 20))


def test_a_workspace_of_the_first_release_is_taken_over(any_engine: Engine) -> None:
    migrate(any_engine, "0001")
    with any_engine.begin() as connection:
        connection.execute(text(f"DROP TABLE {VERSION}"))
        connection.execute(
            text(
                "INSERT INTO documents"
                " (key, collection, title, language, source, content_hash, text, chunker, updated_at)"
                " VALUES ('a:1', 'a', 't', 'en', '', 'h', 'old text', 'c', '2026-01-01 00:00:00')"
            )
        )
    assert [document.key for document in Corpus(any_engine).documents("indexed")] == ["a:1"]


def test_base_takes_every_table_away(any_engine: Engine) -> None:
    migrate(any_engine)
    migrate(any_engine, "base")
    assert set(inspect(any_engine).get_table_names()) <= {VERSION}
