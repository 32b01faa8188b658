"""Talk to a Label Studio server: both kinds of tokens, retries, pages; errors are one line.

label-studio-sdk is used for labelling configs only: it would turn every task into model objects,
and it repeats requests that must not be repeated (an import that was answered too late).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import httpx

from annotate.bridges.label_studio.tokens import TokenAuth
from annotate.errors import BridgeError

TOKEN_VARIABLE = "PAIRLOOP_LABEL_STUDIO_TOKEN"  # noqa: S105 - the name of a variable
ATTEMPTS = 5
# The server picks fields by name at every depth: those of a task and of its annotations in one list.
TASK_FIELDS = (
    "id,created_at,updated_at,overlap,data,annotations,"
    "result,completed_by,was_cancelled,ground_truth,lead_time"
)
Json = dict[str, Any]


@dataclass(frozen=True)
class Retrying:
    """Set how often and how patiently a request is repeated."""

    attempts: int = ATTEMPTS
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 30.0

    def wait(self, attempt: int, asked: str | None) -> None:
        """Sleep before the next attempt, as long as the server asks, or twice as long as before."""
        seconds = float(asked) if asked and asked.isdigit() else self.first_wait_seconds * 2**attempt
        time.sleep(min(seconds, self.longest_wait_seconds))


class LabelStudioClient:
    """Hold a connection to one server; close it, or use it as a context."""

    def __init__(
        self, base_url: str, token: str, *, timeout_seconds: float = 120.0, retrying: Retrying | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._retrying = retrying or Retrying()
        self._http = httpx.Client(
            base_url=self.base_url,
            auth=TokenAuth(self.base_url, token),
            timeout=timeout_seconds,
            follow_redirects=False,
        )

    @classmethod
    def from_environment(cls, base_url: str) -> Self:
        """Connect with the token of the environment; raise BridgeError when there is none."""
        token = os.environ.get(TOKEN_VARIABLE, "").strip()
        if not token:
            raise BridgeError(f"no token for Label Studio; set {TOKEN_VARIABLE} (both kinds of tokens do)")
        return cls(base_url, token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def user(self, user: int) -> str:
        """Return the e-mail address of a user; empty for one whom the server does not know."""
        found = self._call("GET", f"/api/users/{user}/", accept=(404,))
        return str(found["email"]) if found else ""

    def project(self, project: int) -> Json:
        """Return a project."""
        found: Json = self._call("GET", f"/api/projects/{project}/")
        return found

    def create_project(self, settings: Json) -> int:
        """Create a project and return its id."""
        return int(self._call("POST", "/api/projects/", body=settings)["id"])

    def update_project(self, project: int, settings: Json) -> None:
        """Change settings of a project."""
        self._call("PATCH", f"/api/projects/{project}/", body=settings)

    def validate_config(self, config: str) -> None:
        """Let the server check a labelling config; raise BridgeError when it refuses it."""
        self._call("POST", "/api/projects/validate/", body={"label_config": config})

    def import_tasks(self, project: int, tasks: Sequence[Json]) -> list[int]:
        """Import tasks and return their ids in the same order; never repeated, see `push`."""
        address = f"/api/projects/{project}/import"
        answer = self._call("POST", address, body=list(tasks), params={"return_task_ids": "true"})
        ids = [int(number) for number in answer.get("task_ids") or ()]
        if len(ids) != len(tasks):
            raise BridgeError(f"{self.base_url}: {len(tasks)} tasks were sent, {len(ids)} ids came back")
        return ids

    def import_predictions(self, project: int, predictions: Sequence[Json]) -> None:
        """Import predictions in one request; the server leaves their clusters out."""
        self._call("POST", f"/api/projects/{project}/import/predictions", body=list(predictions))

    def create_prediction(self, prediction: Json) -> None:
        """Create one prediction, with its cluster."""
        self._call("POST", "/api/predictions/", body=prediction)

    def create_annotation(self, task: int, annotation: Json) -> Json:
        """Create an annotation and return it."""
        made: Json = self._call("POST", f"/api/tasks/{task}/annotations/", body=annotation)
        return made

    def set_overlap(self, task: int, overlap: int) -> None:
        """Set how many annotations a task wants."""
        self._call("PATCH", f"/api/tasks/{task}/", body={"overlap": overlap})

    def delete_task(self, task: int) -> None:
        """Delete a task; one that is gone already is no error."""
        self._call("DELETE", f"/api/tasks/{task}/", accept=(404,))

    def tasks(
        self,
        project: int,
        *,
        after_id: int = 0,
        before_id: int | None = None,
        since: str = "",
        fields: str = TASK_FIELDS,
        page_size: int = 100,
    ) -> Iterator[list[Json]]:
        """Yield pages of tasks by ascending id; `since` leaves out those not changed since a time.

        Each page asks for what comes after the last id: tasks that change or vanish meanwhile
        shift no page.
        """
        while True:
            filters: list[tuple[str, str, str, Any]] = [("id", "greater", "Number", after_id)]
            if before_id is not None:
                filters.append(("id", "less", "Number", before_id))
            if since:
                filters.append(("updated_at", "greater", "Datetime", since))
            page = self._page(project, filters, "tasks:id", fields, page_size)
            if page:
                yield page
                after_id = int(page[-1]["id"])
            if len(page) < page_size:
                return

    def latest_change(self, project: int) -> str:
        """Return when a task of a project changed last, by the clock of the server; empty without tasks."""
        page = self._page(project, [], "-tasks:updated_at", "id,updated_at", 1)
        return str(page[0]["updated_at"]) if page else ""

    def webhooks(self, project: int) -> list[Json]:
        """Return the webhooks of a project."""
        found: list[Json] = self._call("GET", "/api/webhooks/", params={"project": project})
        return found

    def save_webhook(self, webhook: Json, number: int | None) -> int:
        """Create a webhook, or change that of a number; return its number."""
        if number is None:
            return int(self._call("POST", "/api/webhooks/", body=webhook)["id"])
        self._call("PATCH", f"/api/webhooks/{number}/", body=webhook)
        return number

    def _page(
        self,
        project: int,
        filters: Sequence[tuple[str, str, str, Any]],
        order: str,
        fields: str,
        page_size: int,
    ) -> list[Json]:
        items = [
            {"filter": f"filter:tasks:{name}", "operator": operator, "type": kind, "value": value}
            for name, operator, kind, value in filters
        ]
        query = {"ordering": [order], "filters": {"conjunction": "and", "items": items}}
        params = {
            "project": project,
            "page_size": page_size,
            "include": fields,
            "fields": "all" if "annotations" in fields or "predictions" in fields else "task_only",
            "query": json.dumps(query),
        }
        page: list[Json] = self._call("GET", "/api/tasks/", params=params)["tasks"]
        return page

    def _call(
        self,
        method: str,
        address: str,
        *,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        accept: Sequence[int] = (),
    ) -> Any:
        answer = self._send(method, address, body, params)
        if answer.is_success:
            return _read(answer) if answer.content else None
        if answer.status_code in accept:
            return None
        raise BridgeError(f"{self.base_url}: {method} {address}: {answer.status_code}: {_reason(answer)}")

    def _send(self, method: str, address: str, body: Any, params: Mapping[str, Any] | None) -> httpx.Response:
        """Send a request; repeat it where that is safe: a POST only when it was not taken up."""
        for attempt in range(self._retrying.attempts):
            last = attempt + 1 == self._retrying.attempts
            try:
                answer = self._http.request(method, address, json=body, params=params)
            except httpx.HTTPError as error:
                safe = method != "POST" or isinstance(error, httpx.ConnectError | httpx.PoolTimeout)
                if last or not safe:
                    reason = str(error) or type(error).__name__
                    raise BridgeError(f"{self.base_url}: {method} {address}: {reason}") from error
                self._retrying.wait(attempt, None)
                continue
            busy = answer.status_code == 429 or (answer.status_code >= 500 and method != "POST")
            if last or not busy:
                return answer
            self._retrying.wait(attempt, answer.headers.get("Retry-After"))
        raise AssertionError("the last attempt returns or raises")


def _read(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError as error:
        raise BridgeError(f"{answer.url}: no JSON came back; is this a Label Studio server?") from error


def _reason(answer: httpx.Response) -> str:
    """Return what the server says is wrong, without its page of HTML."""
    try:
        told = answer.json()
    except ValueError:
        return answer.reason_phrase
    if not isinstance(told, dict):
        return str(told)[:300]
    detail = told.get("validation_errors") or told.get("detail") or told
    return " ".join(str(detail).split())[:300]
