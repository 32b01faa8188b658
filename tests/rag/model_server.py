"""An OpenAI-compatible server over real models that fails where a test tells it to."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from rag import Decoding, OpenVinoGenerator
from rag.embedders import LocalEmbedder

PAGE = "text/html"
# A model of this name is asked for in vain.
TROUBLES = {"broken": "500", "missing": "404", "slow": "stall 2"}
NO_REPLY = {
    "html": (b"<html><body>Welcome to nginx!</body></html>", PAGE),
    "no-choices": (b'{"error": "model not found"}', "application/json"),
}


class ModelServer(ThreadingHTTPServer):
    """Answer chat completions, whole or streamed, and embeddings of three times unit length.

    Each request takes the next of `troubles`, if any is left: a status (`500`, `400`), `429 SECONDS`
    with Retry-After, `stall SECONDS` before an answer, or `cut`: the connection ends in the middle
    of a stream. The name of the model asked for may be a trouble too: `broken`, `missing`, `slow`,
    `html` and `no-choices` with replies of no such server, `no-logprobs` without log-probabilities;
    embeddings that are one too few, of two lengths or without a number from `short`, `ragged`, `null`.
    """

    daemon_threads = True

    def __init__(self, generator: OpenVinoGenerator | None, embedder: LocalEmbedder | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.generator, self.embedder = generator, embedder
        self.models, self.counting = threading.Lock(), threading.Lock()
        self.troubles: deque[str] = deque()
        self.asked: list[dict[str, Any]] = []
        self.asked_at: list[float] = []
        self.keys: list[str] = []
        self.at_once = self.most_at_once = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @contextmanager
    def counted(self, asked: dict[str, Any], key: str) -> Iterator[Callable[[], None]]:
        """Remember a request, and how many are there at once, until what is yielded is called or it ends.

        The last bytes must come after that call: who has them may ask again before a thread here is through.
        """
        with self.counting:
            self.asked.append(asked)
            self.asked_at.append(time.monotonic())
            self.keys.append(key)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        there = [asked]

        def leave() -> None:
            with self.counting:
                self.at_once -= len(there)
                there.clear()

        try:
            yield leave
        finally:
            leave()

    def complete(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert self.generator
        decoding = Decoding(asked["max_tokens"], asked.get("temperature", 0.0), asked.get("top_p", 1.0))
        with self.models:
            [made] = self.generator.generate([asked["messages"]], decoding)
            choice: dict[str, Any] = {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": made.text},
            }
            if asked.get("logprobs") and asked["model"] != "no-logprobs":
                choice["logprobs"] = {"content": [self._top(asked)]}
        usage = {
            "prompt_tokens": 1,
            "completion_tokens": made.new_tokens,
            "total_tokens": made.new_tokens + 1,
        }
        return _reply(asked, "chat.completion", choice) | {"usage": usage}

    def pieces(self, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the chunks of a stream."""
        assert self.generator
        for piece in self.generator.stream(asked["messages"], Decoding(asked["max_tokens"])):
            choice = {"index": 0, "finish_reason": None, "delta": {"content": piece}}
            yield _reply(asked, "chat.completion.chunk", choice)

    def _top(self, asked: dict[str, Any]) -> dict[str, Any]:
        generator = self.generator
        assert generator
        logits = generator._reader.next_logits(generator._encode(generator._prompt(asked["messages"]))[0])
        logprobs = logits - logits.max() - np.log(np.exp(logits - logits.max()).sum())
        top = [
            {"token": generator._tokenizer.decode([int(n)]), "logprob": float(logprobs[n]), "bytes": None}
            for n in np.argsort(-logprobs)[: asked["top_logprobs"]]
        ]
        return {**top[0], "top_logprobs": top}

    def embed(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert self.embedder
        with self.models:
            rows: list[Any] = (self.embedder.embed_passages(asked["input"]) * 3.0).tolist()
        if asked["model"] == "short":
            rows.pop()
        elif asked["model"] == "ragged":
            rows[-1].pop()
        elif asked["model"] == "null":
            rows[-1][0] = None
        data = [{"object": "embedding", "index": n, "embedding": row} for n, row in enumerate(rows)]
        return {"object": "list", "data": data[::-1], "model": asked["model"], "usage": {}}


@contextmanager
def serve(generator: OpenVinoGenerator | None, embedder: LocalEmbedder | None) -> Iterator[ModelServer]:
    """Run a server for as long as the context is open."""
    server = ModelServer(generator, embedder)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer
    _leave: Callable[[], None]

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.counted(asked, self.headers["Authorization"]) as self._leave:
            trouble = (
                self.server.troubles.popleft() if self.server.troubles else TROUBLES.get(asked["model"], "")
            )
            try:
                self._answer(asked, *trouble.partition(" ")[::2])
            except (BrokenPipeError, ConnectionResetError):
                return  # the client did not wait

    def _answer(self, asked: dict[str, Any], trouble: str, value: str) -> None:
        if trouble == "429":
            return self._send(429, b'{"error": {"message": "slow down"}}', {"Retry-After": value})
        if trouble == "404":
            return self._send(404, b"<html>\n<body>\nNot Found\n</body>\n</html>", {"Content-Type": PAGE})
        if trouble.isdigit():
            return self._send(int(trouble), b'{"error": {"message": "trouble"}}')
        if trouble == "stall":
            time.sleep(float(value))
        if asked["model"] in NO_REPLY:
            body, kind = NO_REPLY[asked["model"]]
            return self._send(200, body, {"Content-Type": kind})
        if asked.get("stream"):
            return self._stream(asked, cut=trouble == "cut")
        answer = self.server.embed if self.path.endswith("/embeddings") else self.server.complete
        return self._send(200, json.dumps(answer(asked)).encode())

    def _stream(self, asked: dict[str, Any], *, cut: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in self.server.pieces(asked):
            self._chunk(f"data: {json.dumps(piece)}\n\n")
            if cut:
                self.connection.close()
                return
        self._leave()
        self._chunk("data: [DONE]\n\n")
        self._chunk("")

    def _chunk(self, text: str) -> None:
        body = text.encode()
        self.wfile.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
        self.wfile.flush()

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        known = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, value in {**known, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self._leave()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        return


def _reply(asked: dict[str, Any], kind: str, choice: dict[str, Any]) -> dict[str, Any]:
    return {"id": "1", "object": kind, "created": 1, "model": asked["model"], "choices": [choice]}
