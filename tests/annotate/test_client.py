"""Go round with the client, over real connections to a real server."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from annotate.access.accounts import create_account
from annotate.access.permissions import ROLES
from annotate.access.tokens import issue_token
from annotate.api.app import make_api
from annotate.api.limits import Limits
from annotate.client import ApiError, Client
from annotate.jobs.context import Context
from annotate.labelling import ChosenPair, create_tasks, refresh_preferences
from annotate.store import AnswerRecord, Asked, ContenderRecord, Pair, Question


class Server:
    """Serve a workspace on a port of its own for as long as it is entered."""

    def __init__(self, context: Context, limits: Limits | None = None) -> None:
        api = make_api(context, limits)
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            Starlette(routes=[Mount("/api/v1", api)]), log_level="warning", lifespan="off"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> str:
        self._thread.start()
        end = time.monotonic() + 20
        while not self._server.started and time.monotonic() < end:
            time.sleep(0.01)
        return self.url

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    (tmp_path / "pairloop.toml").write_text("", "utf-8")
    opened = Context.open(tmp_path)
    with opened.store.writing.begin() as session:
        contenders = [ContenderRecord(name=name, fingerprint=name, settings={}) for name in ("one", "two")]
        session.add_all(contenders)
        session.flush()
        for number in range(3):
            question = Question(key=f"q{number}", text=f"Question {number}?", language="en")
            session.add(question)
            session.flush()
            answers = [
                AnswerRecord(
                    question_id=question.id, contender_id=contender.id, text=f"{contender.name} {number}",
                    sentences=[], prompt=[], model_fingerprint="m", index_fingerprint="i",
                    passages=[{"chunk": "c", "document": "d", "title": "t", "text": "x", "text_hash": "h",
                               "score": 1.0, "similarity": 1.0, "published": None}],
                )
                for contender in contenders
            ]  # fmt: skip
            session.add_all(answers)
            session.flush()
            session.add(Pair(question_id=question.id, first_id=answers[0].id, second_id=answers[1].id))
    create_tasks(opened.store, [ChosenPair(number) for number in (1, 2, 3)], overlap=1)
    yield opened
    opened.store.engine.dispose()


@pytest.fixture
def token(context: Context) -> str:
    account = create_account(context.store, "ada", "admin")
    return issue_token(context.store, account.id, "test", ROLES["admin"])[1]


def test_tasks_go_out_and_come_back_as_preferences_and_files(context, token, tmp_path):
    with Server(context) as url, Client(url, token) as client:
        loan = client.reserve(2)
        for task in loan.tasks:
            verdict = "A_better" if task.pair.a.text.startswith("one") else "B_better"
            client.judge(task, verdict, loan.guideline, comment="shorter")
        [last] = client.reserve().tasks
        client.skip(last, "too hard")
        assert client.reserve().waiting
        refresh_preferences(context.store)
        assert [row["verdict"] for row in client.preferences(limit=1)] == ["A_better", "A_better"]
        assert len(list(client.judgements(limit=1))) == 2
        assert [row["id"] for row in client.pairs(limit=2)] == [3, 2, 1]
        assert client.report("progress")["judged_by_people"] == 2
        assert client.export(tmp_path / "out.jsonl", "jsonl") == 2
        assert len((tmp_path / "out.jsonl").read_text("utf-8").splitlines()) == 2


def test_feedback_goes_round(context, token):
    with context.store.writing.begin() as session:
        session.add(Asked(id="asked-0001", question_id=1, pair_id=1, answer_ids=[2, 1], account_id=1))
    with Server(context) as url, Client(url, token) as client:
        record = client.asked("asked-0001")
        assert client.choose(record, record.answers[0].id).verdict == "B_better"
        assert client.rate(record, record.answers[1].id, up=True, comment="ok").kind == "thumb"
        assert client.correct(record, record.answers[0].id, "two, better").pair_id == 4


def test_what_the_server_refuses_is_raised_with_its_problem(context, token, tmp_path):
    with Server(context) as url:
        with Client(url, token) as client, pytest.raises(ApiError, match="409 refused") as refused:
            client.export(tmp_path / "out.jsonl", "jsonl")
        assert (refused.value.status, refused.value.problem["type"]) == (409, "refused")
        assert list(tmp_path.glob("*out*")) == []
        with Client(url, "pairloop_wrong") as client, pytest.raises(ApiError, match="401"):
            client.reserve()


def test_the_client_waits_where_it_is_asked_to(context, token):
    with Server(context, Limits(per_second=2.0, burst=1)) as url, Client(url, token) as client:
        started = time.monotonic()
        for _ in range(2):
            client.report("progress")
        assert time.monotonic() - started > 0.4
