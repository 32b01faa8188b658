"""Shared by the tests of the API: a small workspace with accounts of every role, really served."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from annotate.access.accounts import create_account
from annotate.access.permissions import ROLES
from annotate.access.tokens import issue_token
from annotate.api.app import make_api
from annotate.api.limits import Limits
from annotate.jobs.context import Context
from annotate.labelling import ChosenPair, create_tasks
from annotate.store import AnswerRecord, Asked, ContenderRecord, Pair, Question

QUESTIONS = (
    ("How long is the warranty?", "en"),
    ("Сколько длится гарантия?", "ru"),
    ("Can I return a gift?", "en"),
    ("Where is my order?", "en"),
)


@dataclass
class Site:
    """Serve one workspace; `client(role)` speaks in the name of that role's account."""

    context: Context
    tokens: dict[str, str]
    accounts: dict[str, int]
    pairs: list[int]
    api: FastAPI = field(init=False)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.api = make_api(self.context, self.limits)

    def client(self, role: str = "admin") -> TestClient:
        """Return a client with the token of a role, or of nobody."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role in self.tokens else {}
        return TestClient(self.api, headers=headers)

    def asked(self, role: str = "assessor", at: int = 0) -> tuple[str, list[int]]:
        """Store that the account of a role was shown the answers of a pair; return its number and theirs."""
        with self.context.store.writing.begin() as session:
            pair = session.get_one(Pair, self.pairs[at])
            answers = [pair.first_id, pair.second_id]
            number = f"asked-{role}-{at}"
            session.add(
                Asked(
                    id=number,
                    question_id=pair.question_id,
                    pair_id=pair.id,
                    answer_ids=answers,
                    account_id=self.accounts[role],
                )
            )
        return number, answers


def _fill(context: Context) -> list[int]:
    made = []
    with context.store.writing.begin() as session:
        contenders = [ContenderRecord(name=name, fingerprint=name, settings={}) for name in ("plain", "long")]
        session.add_all(contenders)
        session.flush()
        for number, (text, language) in enumerate(QUESTIONS):
            question = Question(key=f"q{number}", text=text, language=language)
            session.add(question)
            session.flush()
            answers = [
                AnswerRecord(
                    question_id=question.id,
                    contender_id=contender.id,
                    text=f"Two years [1], says {contender.name} {number}.",
                    sentences=[{"text": f"Two years [1], says {contender.name} {number}.", "cited": [1]}],
                    passages=[
                        {"chunk": "c1", "document": "terms", "title": "Terms", "text": "Two years.",
                         "text_hash": "h", "score": 1.0, "similarity": 0.9, "published": None}
                    ],
                    prompt=[{"role": "user", "content": text}],
                    model_fingerprint="m",
                    index_fingerprint="i",
                )
                for contender in contenders
            ]  # fmt: skip
            session.add_all(answers)
            session.flush()
            pair = Pair(question_id=question.id, first_id=answers[0].id, second_id=answers[1].id)
            session.add(pair)
            session.flush()
            made.append(pair.id)
    return made


@pytest.fixture(scope="session")
def template(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, dict[str, str], dict[str, int], list[int]]:
    """A filled workspace to be copied, with the tokens and accounts of its roles."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "pairloop.toml").write_text("[labelling]\noverlap = 2\n", "utf-8")
    context = Context.open(folder)
    pairs = _fill(context)
    create_tasks(context.store, [ChosenPair(pair) for pair in pairs[:3]])
    assert context.guideline.id
    tokens, accounts = {}, {}
    for role, permissions in ROLES.items():
        account = create_account(context.store, f"the {role}", role)
        _, tokens[role] = issue_token(context.store, account.id, "test", permissions)
        accounts[role] = account.id
    context.store.engine.dispose()
    return folder, tokens, accounts, pairs


@pytest.fixture
def make_site(
    template: tuple[Path, dict[str, str], dict[str, int], list[int]], tmp_path: Path
) -> Iterator[Callable[..., Site]]:
    """Serve a fresh copy of the workspace under given limits."""
    folder, tokens, accounts, pairs = template
    opened: list[Context] = []

    def make(limits: Limits | None = None) -> Site:
        place = tmp_path / f"workspace-{len(opened)}"
        shutil.copytree(folder, place)
        opened.append(Context.open(place))
        return Site(opened[-1], tokens, accounts, pairs, limits=limits or Limits())

    yield make
    for context in opened:
        context.store.engine.dispose()


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A fresh copy of the workspace, served under the usual limits."""
    return make_site()
