"""A server over SmolLM2 that fails by a script: each request takes the next trouble, if any is left."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from openai import OpenAI

from rag import Decoding, OpenVinoGenerator


class FlakyServer(ThreadingHTTPServer):
    """Answer chat completions, whole or streamed, unless `troubles` says otherwise.

    A trouble is a status (`500`, `400`), `429 SECONDS` with Retry-After, `stall SECONDS` before an
    answer, or `cut`: the connection ends in the middle of a stream.
    """

    daemon_threads = True

    def __init__(self, generator: OpenVinoGenerator) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.generator = generator
        self.troubles: deque[str] = deque()
        self.asked_at: list[float] = []
        self.at_once = self.most_at_once = 0
        self.counting = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: FlakyServer

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        with server.counting:
            server.asked_at.append(time.monotonic())
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
            trouble = server.troubles.popleft() if server.troubles else ""
        try:
            self._answer(asked, trouble)
        except (BrokenPipeError, ConnectionResetError):
            return  # the client did not wait
        finally:
            with server.counting:
                server.at_once -= 1

    def _answer(self, asked: dict[str, Any], trouble: str) -> None:
        kind, _, value = trouble.partition(" ")
        if kind == "stall":
            time.sleep(float(value))
        elif kind == "429":
            return self._send(429, b'{"error": {"message": "slow down"}}', {"Retry-After": value})
        elif kind.isdigit():
            return self._send(int(kind), b'{"error": {"message": "trouble"}}')
        decoding = Decoding(asked["max_tokens"])
        if asked.get("stream"):
            return self._stream(asked["messages"], decoding, cut=kind == "cut")
        [made] = self.server.generator.generate([asked["messages"]], decoding)
        message = {"role": "assistant", "content": made.text}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 1, "completion_tokens": made.new_tokens, "total_tokens": 1}
        reply = _reply("chat.completion", choice) | {"usage": usage}
        return self._send(200, json.dumps(reply).encode())

    def _stream(self, messages: Any, decoding: Decoding, *, cut: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in self.server.generator.stream(messages, decoding):
            choice = {"index": 0, "finish_reason": None, "delta": {"content": piece}}
            self._chunk(f"data: {json.dumps(_reply('chat.completion.chunk', choice))}\n\n")
            if cut:
                self.connection.close()
                return
        self._chunk("data: [DONE]\n\n")
        self._chunk("")

    def _chunk(self, text: str) -> None:
        body = text.encode()
        self.wfile.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
        self.wfile.flush()

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        return


def _reply(kind: str, choice: dict[str, Any]) -> dict[str, Any]:
    return {"id": "1", "object": kind, "created": 1, "model": "smollm2", "choices": [choice]}


@pytest.fixture
def flaky(generator: OpenVinoGenerator) -> Iterator[FlakyServer]:
    generator.generate([[{"role": "user", "content": "Hi"}]], Decoding(1))  # the weights are loaded
    server = FlakyServer(generator)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def patient(flaky: FlakyServer) -> Iterator[OpenAI]:
    """A client that retries twice."""
    with OpenAI(base_url=flaky.url, api_key="none", timeout=20, max_retries=2) as client:
        yield client


@pytest.fixture
def impatient(flaky: FlakyServer) -> Iterator[OpenAI]:
    """A client that never retries."""
    with OpenAI(base_url=flaky.url, api_key="none", timeout=20, max_retries=0) as client:
        yield client
