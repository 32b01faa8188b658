"""Distillation: a student comes nearer to its teacher, on logits and over real HTTP."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch

from training.errors import LengthError, ModelError, RecipeError, RowsError
from training.loading import load_policy, load_tokenizer, save_model
from training.recipe import parse_recipe
from training.results import Result
from training.rows import PromptRow, write_rows
from training.runs import train
from training.sampling import greedy_answers

pytestmark = pytest.mark.models
Teach = Callable[..., Result]


def prompts(count: int, first: int = 0) -> list[PromptRow]:
    words = ["a river", "an old stone", "warm bread", "the horse", "my window", "his lamp"]
    return [
        PromptRow(
            id=f"p{n}", question_id=f"q{n}", prompt=[{"role": "user", "content": f"What is {words[n]}?"}]
        )
        for n in range(first, first + count)
    ]


@pytest.fixture(scope="module")
def teacher(pocket_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model with its last layer moved: near enough to learn from, far enough to see it."""
    folder = tmp_path_factory.mktemp("teacher") / "model"
    model, tokenizer = load_policy(pocket_folder), load_tokenizer(pocket_folder)
    torch.manual_seed(3)
    with torch.no_grad():
        for weights in model.model.layers[-1].parameters():
            weights.add_(torch.randn_like(weights) * 0.3)
    model.generation_config.eos_token_id = list(range(0, 250, 10))
    save_model(model, tokenizer, folder)
    return folder


@pytest.fixture
def teach(pocket_folder: Path, tmp_path: Path) -> Teach:
    """Teach the small model in a fresh run folder."""

    def run(name: str = "run", **settings: Any) -> Result:
        write_rows(tmp_path / "train.jsonl", prompts(4))
        write_rows(tmp_path / "test.jsonl", prompts(2, first=4))
        small = {
            "kind": "distil",
            "base": pocket_folder,
            "train_rows": tmp_path / "train.jsonl",
            "test_rows": tmp_path / "test.jsonl",
            "max_steps": 4,
            "learning_rate": 3e-3,
            "gradient_accumulation": 2,
            "max_new_tokens": 8,
            "save_steps": 2,
            "lora": {"last_layers": 1, "target_modules": ["q_proj", "v_proj", "up_proj", "down_proj"]},
        }
        return train(parse_recipe({**small, **settings}), tmp_path / name)

    return run


def test_student_comes_nearer_and_resumes_alike(teach: Teach, teacher: Path, tmp_path: Path) -> None:
    result = teach(teacher=teacher, full=True)
    assert result.metrics["test_kl"].value < 0.7 * result.metrics["test_kl_before"].value
    (tmp_path / "run" / "result.json").unlink()
    shutil.rmtree(tmp_path / "run" / "checkpoints" / "checkpoint-4")
    assert teach(teacher=teacher, full=True).fingerprint == result.fingerprint


def test_student_that_is_its_teacher_has_nothing_to_learn(teach: Teach, pocket_folder: Path) -> None:
    result = teach(teacher=pocket_folder, max_steps=1)
    assert result.first_loss == pytest.approx(0, abs=1e-6)
    assert result.metrics["test_agreement"].value == 1


@pytest.mark.slow
def test_student_of_fewer_layers(teach: Teach, teacher: Path, tmp_path: Path) -> None:
    teach(teacher=teacher, depth=2, max_steps=1)
    assert load_policy(tmp_path / "run" / "model").config.num_hidden_layers == 2


def test_wrong_teachers_and_rows_are_refused(teach: Teach, teacher: Path, tmp_path: Path) -> None:
    other, tokenizer = load_policy(teacher), load_tokenizer(teacher)
    tokenizer.add_tokens(["колбаса"])
    save_model(other, tokenizer, tmp_path / "other")
    with pytest.raises(ModelError, match="another vocabulary"):
        teach("foreign", teacher=tmp_path / "other")
    with pytest.raises(LengthError, match="leave no room"):
        teach("long", teacher=teacher, max_length=12)
    with pytest.raises(RowsError, match="but a step takes 8"):
        teach("few", teacher=teacher, gradient_accumulation=8)
    for wrong in ({}, {"teacher": teacher, "endpoint": "http://localhost"}):
        with pytest.raises(RecipeError, match="one of the two"):
            teach("none", **wrong)


class _Server(ThreadingHTTPServer):
    """Answer chat completions with a real model, the prompts in `cut` as if they had run out of tokens."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.model, self.tokenizer = load_policy(folder), load_tokenizer(folder)
        self.lock, self.answered, self.broken, self.cut = threading.Lock(), 0, False, ""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            broken = self.server.broken and self.server.answered >= 2
            self.server.answered += not broken
            [answer] = greedy_answers(
                self.server.model, self.server.tokenizer, [asked["messages"]], asked["max_tokens"]
            )
        is_cut = bool(self.server.cut) and self.server.cut in asked["messages"][-1]["content"]
        choice = {
            "index": 0,
            "finish_reason": "length" if is_cut else "stop",
            "message": {"role": "assistant", "content": answer.text or "."},
        }
        reply = {"id": "1", "object": "chat.completion", "created": 1, "model": asked["model"]}
        body = json.dumps({**reply, "choices": [choice]} if not broken else {"error": "trouble"}).encode()
        self.send_response(400 if broken else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


@pytest.fixture
def server(teacher: Path) -> Iterator[_Server]:
    running = _Server(teacher)
    thread = threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def test_answers_of_an_endpoint_teach_and_are_asked_for_once(
    teach: Teach, server: _Server, tmp_path: Path
) -> None:
    at = {"endpoint": f"http://127.0.0.1:{server.server_address[1]}/v1", "full": True, "concurrency": 1}
    server.cut, server.broken = "warm bread", True
    with pytest.raises(ModelError, match="the answers so far are kept"):
        teach(**at)
    server.broken = False
    result = teach(**at)
    assert server.answered == 6  # nobody twice, though the first attempt broke off
    assert result.dropped_ids == ["p2"]
    assert result.metrics["test_change"].value < 0
    taught = [json.loads(line) for line in (tmp_path / "run" / "taught.jsonl").read_text().splitlines()]
    assert {answer["id"] for answer in taught} == {f"p{n}" for n in range(6)}


def test_endpoint_that_never_ends_an_answer_is_refused(teach: Teach, server: _Server) -> None:
    server.cut = "What"
    with pytest.raises(RowsError, match="raise max_new_tokens"):
        teach(endpoint=f"http://127.0.0.1:{server.server_address[1]}/v1")
