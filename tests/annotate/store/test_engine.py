"""Opening the database: every unusable one is one clear line."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from annotate.errors import StoreError
from annotate.store import Assessor, Store, open_store


def refused(url: str) -> str:
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_opening_twice_keeps_what_is_there(store: Store, store_url: str) -> None:
    with store.writing.begin() as session:
        session.add(Assessor(name="anna", kind="person", languages=["ru"]))
    again = open_store(store_url)
    with again.reading() as session:
        [found] = session.query(Assessor).all()
        assert (found.name, found.languages, found.state) == ("anna", ["ru"], "active")
    again.engine.dispose()


def test_a_failed_unit_of_work_leaves_nothing(store: Store) -> None:
    def half_of_it() -> None:
        with store.writing.begin() as session:
            session.add(Assessor(name="anna", kind="person", languages=[]))
            session.flush()
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        half_of_it()
    with store.reading() as session:
        assert session.query(Assessor).count() == 0


def test_the_database_itself_refuses_what_breaks_the_ledger(store: Store) -> None:
    for statement in (
        "INSERT INTO assessors (name, kind, languages, skills, fingerprint, state, state_reason, created_at) "
        "VALUES ('x', 'ghost', '[]', '[]', '', 'active', '', '2026-01-01')",
        "INSERT INTO cluster_members (question_id, cluster_id) VALUES (7, 7)",
    ):
        with pytest.raises(Exception, match=r"(?i)constraint"), store.writing.begin() as session:
            session.execute(text(statement))


def test_sqlite_keeps_writers_apart_and_readers_going(sqlite_store: Store) -> None:
    with sqlite_store.reading() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1
    with sqlite_store.writing.begin() as writer, sqlite_store.reading() as reader:
        writer.add(Assessor(name="anna", kind="person", languages=[]))
        writer.flush()
        assert reader.query(Assessor).count() == 0


@pytest.mark.parametrize(
    "content", [b"not a database at all, but a text " * 40, b"SQLite format 3\0" + b"\xff" * 4000]
)
def test_a_corrupt_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "pairloop.db"
    file.write_bytes(content)
    assert str(file) in refused(f"sqlite:///{file}")
    assert file.read_bytes() == content


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    import sqlite3

    file = tmp_path / "other.db"
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE assessors (colour TEXT)")
    other.commit()
    other.close()
    assert "assessors" in refused(f"sqlite:///{file}")
    other = sqlite3.connect(file)
    tables = {name for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    other.close()
    assert tables <= {"assessors", "pairloop_version"}


def test_a_database_of_a_later_version_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    with sqlite_store.writing.begin() as session:
        session.execute(text("UPDATE pairloop_version SET version_num = '9999'"))
    assert "9999" in refused(f"sqlite:///{tmp_path / 'pairloop.db'}")


@pytest.mark.parametrize(
    "url",
    [
        "no url",
        "",
        "nodialect://x",
        "sqlite:////nowhere/at/all/x.db",
        "sqlite:///{folder}",
        "mssql+nodriver://x/y",
        "mysql://user:secret@localhost/x",
        "postgresql+psycopg://user:secret@127.0.0.1:9/x",
    ],
)
def test_an_address_without_a_database_is_refused_and_passwords_are_hidden(url: str, tmp_path: Path) -> None:
    assert "secret" not in refused(url.format(folder=tmp_path))


def test_two_programs_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'pairloop.db'}"
    code = f"from annotate.store import open_store; open_store({url!r})"
    running = [
        subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    assert [(child.communicate(timeout=60)[1], child.returncode) for child in running] == [("", 0)] * 3


def test_a_folder_with_strange_signs_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / "50% off «база»"
    folder.mkdir()
    store = open_store(f"sqlite:///{folder / 'pairloop.db'}")
    store.engine.dispose()
    assert (folder / "pairloop.db").stat().st_size > 0


def test_postgres_refuses_nothing_it_should_take(postgres_database: Callable[[str], str]) -> None:
    store = open_store(postgres_database("fresh"))
    with store.reading() as session:
        assert session.query(Assessor).count() == 0
    store.engine.dispose()
