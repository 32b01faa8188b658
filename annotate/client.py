"""Speak to the REST API from Python: a thin, typed client.

>>> with Client("https://labels.example.org", token) as pairloop:
...     record = pairloop.ask("How long is the warranty?")
...     pairloop.choose(record, record.answers[0].id)

Methods answer with the classes of `annotate.api.schemas`, or with plain dictionaries where a report is
passed on. What the server refuses is raised as ApiError, with its problem.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from annotate.api.schemas.asking import AskedRecord, FeedbackReceipt
from annotate.api.schemas.runs import ShownRun
from annotate.api.schemas.tasks import LentTask, LentTasks, Recorded
from annotate.errors import PairloopError

TIMEOUT_SECONDS = 30.0
ASK_TIMEOUT_SECONDS = 310.0  # a little longer than the server's own limit
TRIES = 3  # of a request, where the server asks to come again
NDJSON = "application/x-ndjson"


class ApiError(PairloopError):
    """Say that the server refused a request; `problem` is what it answered, `status` its status."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(
            f"{status} {problem.get('type', '')}: {problem.get('detail') or problem.get('title')}"
        )
        self.status, self.problem = status, dict(problem)


class Client:
    """Hold one connection to a server, in the name of a token."""

    def __init__(self, url: str, token: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self._http = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_SECONDS,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def ask(self, question: str, *, pair: bool = False) -> AskedRecord:
        """Ask, and return the record of the answer; with `pair` two contenders answer."""
        body = {"question": question, "pair": pair}
        return AskedRecord.model_validate(
            self._send("POST", "/ask", body, timeout=ASK_TIMEOUT_SECONDS).json()
        )

    def stream(self, question: str, *, pair: bool = False) -> Iterator[tuple[int, str] | AskedRecord]:
        """Ask, and yield (place, piece) while the answers are written, and the record at the end."""
        body = {"question": question, "pair": pair}
        with self._http.stream(
            "POST", "/ask", json=body, headers={"Accept": NDJSON}, timeout=ASK_TIMEOUT_SECONDS
        ) as answer:
            if not answer.is_success:
                answer.read()
                raise _error(answer)
            for event in map(json.loads, answer.iter_lines()):
                if event["type"] == "piece":
                    yield event["place"], event["text"]
                elif event["type"] == "record":
                    yield AskedRecord.model_validate(event["record"])
                else:
                    raise ApiError(answer.status_code, {"type": "refused", "detail": event["detail"]})

    def asked(self, number: str) -> AskedRecord:
        """Return again what this account asked and was answered."""
        return AskedRecord.model_validate(self._send("GET", f"/answers/{number}").json())

    def choose(self, record: AskedRecord, answer: int | None) -> FeedbackReceipt:
        """Tell which answer was taken; None says that no answer will do."""
        return self.feedback(record.id, {"kind": "choice", "answer": answer})

    def rate(self, record: AskedRecord, answer: int, *, up: bool, comment: str = "") -> FeedbackReceipt:
        """Tell whether an answer is good."""
        return self.feedback(record.id, {"kind": "thumb", "answer": answer, "up": up, "comment": comment})

    def correct(self, record: AskedRecord, answer: int, text: str) -> FeedbackReceipt:
        """Give the text that an answer should have been."""
        return self.feedback(record.id, {"kind": "edit", "answer": answer, "text": text})

    def feedback(self, asked: str, said: Mapping[str, Any]) -> FeedbackReceipt:
        """Give feedback on what was asked; a key is drawn where it has none."""
        body = {"key": uuid4().hex, **said}
        return FeedbackReceipt.model_validate(self._send("POST", f"/answers/{asked}/feedback", body).json())

    def reserve(self, count: int = 1, *, campaign: str | None = None) -> LentTasks:
        """Reserve tasks to be judged, or learn why there are none."""
        body = {"count": count, "campaign": campaign}
        return LentTasks.model_validate(self._send("POST", "/tasks/reserve", body).json())

    def judge(self, task: LentTask, verdict: str, guideline: int, **said: Any) -> int:
        """Judge a task in the order in which it is shown; return the number of the judgement."""
        body = {"key": uuid4().hex, "verdict": verdict, "guideline": guideline, **said}
        answer = self._send("POST", f"/tasks/{task.id}/judgement", body)
        return Recorded.model_validate(answer.json()).judgement

    def skip(self, task: LentTask, reason: str) -> None:
        """Pass on a task for good."""
        self._send("POST", f"/tasks/{task.id}/skip", {"reason": reason})

    def release(self, task: LentTask) -> None:
        """Give a task back."""
        self._send("POST", f"/tasks/{task.id}/release")

    def pairs(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """Yield all pairs, the newest first; see the API for the filters."""
        return self._all("/pairs", filters)

    def judgements(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """Yield all judgements, the newest first."""
        return self._all("/judgements", filters)

    def preferences(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """Yield all preferences, those of the newest pairs first."""
        return self._all("/preferences", filters)

    def report(self, name: str) -> dict[str, Any]:
        """Return a report: progress, quality, coverage or gaps."""
        found: dict[str, Any] = self._send("GET", f"/reports/{name}").json()
        return found

    def export(self, target: Path, form: str = "jsonl", **wish: Any) -> int:
        """Write an export into a file and return the number of its lines."""
        draft = target.with_name(f".{target.name}.part")
        with self._http.stream("POST", "/exports", json={"form": form, **wish}, timeout=None) as answer:
            if not answer.is_success:
                answer.read()
                raise _error(answer)
            with draft.open("wb") as file:
                for part in answer.iter_bytes():
                    file.write(part)
        draft.replace(target)
        return int(answer.headers["X-Lines"])

    def start_run(self, kind: str, **values: Any) -> ShownRun:
        """Queue a training run on the present preferences."""
        return ShownRun.model_validate(self._send("POST", "/runs", {"kind": kind, "values": values}).json())

    def run(self, number: int) -> ShownRun:
        """Return a training run."""
        return ShownRun.model_validate(self._send("GET", f"/runs/{number}").json())

    def _all(self, path: str, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        cursor: str | None = ""
        while cursor is not None:
            page = self._send("GET", path, params={**filters, "cursor": cursor}).json()
            yield from page["items"]
            cursor = page["next"]

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> httpx.Response:
        """Send a request; wait where the server asks for it."""
        for left in reversed(range(TRIES)):
            answer = self._http.request(method, path, json=body, params=params, timeout=timeout)
            if answer.is_success:
                return answer
            if answer.status_code not in (429, 503) or "retry-after" not in answer.headers or not left:
                raise _error(answer)
            time.sleep(float(answer.headers["retry-after"]))
        raise AssertionError("unreachable")


def _error(answer: httpx.Response) -> ApiError:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    return ApiError(answer.status_code, problem if isinstance(problem, dict) else {})
