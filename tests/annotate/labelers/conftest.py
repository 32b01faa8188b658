"""Pairs to judge, written by hand, and a server of our own that speaks the OpenAI protocol."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from openai import OpenAI

from annotate.labelers.llm import EndpointModel
from annotate.labelers.llm.structured import ASPECTS as RULED
from annotate.labelling.views import AnswerView, PairView, PassageView, SentenceView
from rag.citations import cited_sentences

Judge = Callable[[dict[str, Any]], "str | dict[str, float] | None"]


def answer(text: str, *passages: str, refused: bool = False) -> AnswerView:
    """Make an answer over passages, split up as the platform does it."""
    return AnswerView(
        text=text,
        sentences=tuple(SentenceView(part.text, part.numbers) for part in cited_sentences(text)),
        passages=tuple(PassageView(n, "", passage, f"d{n}") for n, passage in enumerate(passages, 1)),
        refused=refused,
    )


def swapped(pair: PairView) -> PairView:
    """Show the same pair in the other order."""
    return replace(pair, a=pair.b, b=pair.a)


RETURNS_RU = "Вы можете вернуть товар в течение четырнадцати дней со дня доставки. Нужен чек."
DELIVERY_EN = "We deliver to Germany within five working days. Express delivery costs ten euros."
PAIRS = {
    "ru": PairView(
        1,
        "За сколько дней можно вернуть товар?",
        "ru",
        answer("Товар можно вернуть в течение четырнадцати дней со дня доставки [1].", RETURNS_RU),
        answer("Пчёлы собирают нектар с цветов и делают из него мёд.", RETURNS_RU),
    ),
    "en": PairView(
        2,
        "How long does delivery to Germany take?",
        "en",
        answer("Delivery to Germany takes five working days [1].", DELIVERY_EN),
        answer("The moon is made of green cheese and orbits slowly.", DELIVERY_EN),
    ),
}


@pytest.fixture(params=["ru", "en"])
def pair(request: pytest.FixtureRequest) -> PairView:
    """A pair whose first answer is supported and cited, and whose second is neither."""
    return PAIRS[request.param]


class JudgeServer(ThreadingHTTPServer):
    """Speak the OpenAI protocol; `judge` makes the text or log-probabilities out of each request.

    `troubles` are taken first, one a request: a status (`500`), `429 SECONDS` with Retry-After,
    `cut` (the connection ends without an answer), `html` (a page instead of an answer).
    """

    daemon_threads = True

    def __init__(self, judge: Judge) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.judge = judge
        self.troubles: deque[str] = deque()
        self.asked: list[dict[str, Any]] = []
        self.at_once = self.most_at_once = 0
        self.counting = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: JudgeServer

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        with server.counting:
            server.asked.append(asked)
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
            trouble = server.troubles.popleft() if server.troubles else ""
        try:
            self._answer(asked, trouble)
        finally:
            with server.counting:
                server.at_once -= 1

    def _answer(self, asked: dict[str, Any], trouble: str) -> None:
        kind, _, value = trouble.partition(" ")
        if kind == "cut":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if kind == "html":
            self._send(200, b"<html>welcome</html>", {"Content-Type": "text/html"})
        elif kind:
            headers = {"Retry-After": value} if value else {}
            self._send(int(kind), b'{"error": {"message": "trouble"}}', headers)
        else:
            self._send(200, json.dumps(_completion(asked, self.server.judge(asked))).encode())

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | (headers or {})).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        return


def _completion(asked: dict[str, Any], made: str | dict[str, float] | None) -> dict[str, Any]:
    text = made if isinstance(made, str) else "A"
    choice: dict[str, Any] = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": text},
    }
    if isinstance(made, dict):
        top = [{"token": token, "logprob": value, "bytes": None} for token, value in made.items()]
        choice["logprobs"] = {"content": [top[0] | {"top_logprobs": top}], "refusal": None}
    usage = {"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": asked["model"],
        "choices": [choice],
        "usage": usage,
    }


@pytest.fixture
def serve() -> Iterator[Callable[[Judge], JudgeServer]]:
    """Start servers that judge by a function of the request."""
    running: list[tuple[JudgeServer, threading.Thread]] = []

    def start(judge: Judge) -> JudgeServer:
        server = JudgeServer(judge)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def remote() -> Iterator[Callable[..., EndpointModel]]:
    """Make models behind a server, with a client that retries twice."""
    clients: list[OpenAI] = []

    def make(server: JudgeServer, model: str = "judge", **options: Any) -> EndpointModel:
        clients.append(
            OpenAI(base_url=server.url, api_key="none", timeout=5, max_retries=options.pop("retries", 2))
        )
        return EndpointModel(clients[-1], model, **options)

    yield make
    for client in clients:
        client.close()


def fences(asked: dict[str, Any]) -> list[str]:
    """Return what stands inside the fences of a request: passages, question, both answers."""
    return re.findall(r"<<<\n(.*?)\n>>>", asked["messages"][-1]["content"], re.DOTALL)


def ruling(verdict: str, confidence: float = 0.8, **changes: Any) -> str:
    """Write a ruling as a model should."""
    side = verdict[0] if verdict[1] == "_" else "tie"
    whole = {
        "reason": "It is so.",
        **dict.fromkeys(RULED, side),
        "verdict": verdict,
        "confidence": confidence,
    }
    return json.dumps(whole | changes, ensure_ascii=False)
