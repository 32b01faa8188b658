"""Shared by the tests of `annotate`: stores on both databases, and a small ledger to fill them."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from annotate.jobs import context
from annotate.labelling import (
    AssessorView,
    AssignmentView,
    ChosenPair,
    GuidelineVersion,
    Submission,
    adopt_guidelines,
    create_tasks,
    register,
    reserve,
    submit,
)
from annotate.store import AnswerRecord, ContenderRecord, Pair, Question, Store, Table, Task, open_store


@pytest.fixture(scope="session", autouse=True)
def _weights_are_loaded_once(
    open_embedder: Callable[..., Any], open_generator: Callable[..., Any]
) -> Iterator[None]:
    """Let the workspaces of all tests of a process share their models; each would take seconds to load."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context, "LocalEmbedder", open_embedder)
        patch.setattr(context, "OpenVinoGenerator", open_generator)
        yield


@dataclass
class Ledger:
    """Fill a store with questions, pairs and tasks, and act as its assessors."""

    store: Store
    guideline: GuidelineVersion
    keys: Iterator[int] = field(default_factory=itertools.count)

    def pair(self, question: str = "How long?", language: str = "en", **answers: Any) -> int:
        """Store a question with two answers; `first` and `second` give their columns."""
        number = next(self.keys)
        with self.store.writing.begin() as session:
            asked = Question(key=f"q{number}", text=question, language=language)
            session.add(asked)
            session.flush()
            made = []
            for side in ("first", "second"):
                contender = ContenderRecord(name=side, fingerprint=f"{side}-{number}", settings={})
                session.add(contender)
                session.flush()
                columns = {
                    "text": f"{side} answer {number}",
                    "sentences": [],
                    "passages": [],
                    "prompt": [],
                    "model_fingerprint": "m",
                    "index_fingerprint": "i",
                }
                answer = AnswerRecord(
                    question_id=asked.id, contender_id=contender.id, **(columns | answers.get(side, {}))
                )
                session.add(answer)
                session.flush()
                made.append(answer)
            pair = Pair(question_id=asked.id, first_id=made[0].id, second_id=made[1].id)
            session.add(pair)
            session.flush()
            return pair.id

    def tasks(
        self, count: int, overlap: int = 2, languages: Sequence[str] = ("en",), **chosen: Any
    ) -> list[int]:
        """Store pairs in the given languages by turns and make them tasks; return the pairs' ids."""
        pairs = [self.pair(language=languages[n % len(languages)]) for n in range(count)]
        create_tasks(self.store, [ChosenPair(pair, **chosen) for pair in pairs], overlap)
        return pairs

    def task_of(self, pair_id: int) -> int:
        """Return the id of the pair's task."""
        with self.store.reading() as session:
            return session.query(Task.id).filter_by(pair_id=pair_id).scalar()

    def person(self, name: str = "anna", **known: Any) -> AssessorView:
        return register(self.store, name, "person", **known)

    def machine(self, name: str = "robot", **known: Any) -> AssessorView:
        return register(self.store, name, "machine", **known)

    def says(self, verdict: str = "tie", key: str = "", **reasons: Any) -> Submission:
        """Write a submission under a key of its own."""
        return Submission(key or f"key-{next(self.keys)}", verdict, self.guideline.id, "test", **reasons)

    def judge(self, assessor: AssessorView, verdict: str, **reasons: Any) -> AssignmentView:
        """Reserve the next task and submit a verdict, in the order of the stored pair."""
        [held] = reserve(self.store, assessor.id)
        submit(self.store, held.id, assessor.id, self.says(in_order(held, verdict), **reasons))
        return held


def in_order(held: AssignmentView, verdict: str) -> str:
    """Turn a verdict about the stored pair into one about the pair as it is shown."""
    shown_turned = held.pair.a.text.startswith("second")
    return verdict.translate(str.maketrans("AB", "BA")) if shown_turned else verdict


@pytest.fixture(scope="session")
def postgres_database(postgres_url: str) -> Callable[[str], str]:
    """Make an empty database of a name on the test server and return its URL."""

    def make(name: str) -> str:
        admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()
        return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)

    return make


@pytest.fixture(scope="session")
def postgres_ledger_url(postgres_database: Callable[[str], str]) -> str:
    return postgres_database("ledger")


@cache
def _blank() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pairloop.db"
        open_store(f"sqlite:///{file}").engine.dispose()
        return file.read_bytes()


def put_blank(folder: Path, name: str = "pairloop.db") -> str:
    """Put an empty database of the present version into a folder and return its URL.

    A copy takes a hundredth of the time of all migrations, which have tests of their own.
    """
    (folder / name).write_bytes(_blank())
    return f"sqlite:///{folder / name}"


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store: a new SQLite file, or the emptied PostgreSQL database."""
    if request.param == "sqlite":
        return put_blank(tmp_path)
    return request.getfixturevalue("postgres_ledger_url")


def _empty(store: Store) -> None:
    """Empty the tables that were written to; all of them would take ten times as long."""
    names = set(Table.metadata.tables)
    rows = [f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names]  # noqa: S608
    drawn = (
        "SELECT replace(sequencename, '_id_seq', '') FROM pg_sequences "
        "WHERE schemaname = 'public' AND last_value IS NOT NULL"
    )
    with store.writing.begin() as session:
        used = set(session.scalars(text(" UNION ".join([*rows, drawn])))) & names
        if used:
            session.execute(text(f"TRUNCATE {', '.join(sorted(used))} RESTART IDENTITY CASCADE"))


@pytest.fixture(scope="session")
def postgres_store(postgres_ledger_url: str) -> Store:
    """The PostgreSQL store of all tests: a new one would have to compile each statement again."""
    return open_store(postgres_ledger_url)


@pytest.fixture
def store(request: pytest.FixtureRequest, store_url: str) -> Iterator[Store]:
    if store_url.startswith("postgresql"):
        store = request.getfixturevalue("postgres_store")
        _empty(store)
    else:
        store = open_store(store_url)
    yield store
    store.engine.dispose()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(put_blank(tmp_path))
    yield store
    store.engine.dispose()


@pytest.fixture
def guidelines_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "guidelines"
    for language, words in (("en", "Compare."), ("ru", "Сравни.")):
        (folder / language).mkdir(parents=True)
        (folder / language / "comparison.md").write_text(words, "utf-8")
    return folder


@pytest.fixture
def ledger(store: Store, guidelines_folder: Path) -> Ledger:
    return Ledger(store, adopt_guidelines(store, guidelines_folder))


@pytest.fixture
def sqlite_ledger(sqlite_store: Store, guidelines_folder: Path) -> Ledger:
    return Ledger(sqlite_store, adopt_guidelines(sqlite_store, guidelines_folder))
