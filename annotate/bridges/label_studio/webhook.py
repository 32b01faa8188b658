"""Receive the webhooks of a server: authentic, once, and never a crash.

The server does not sign its webhooks, so ours carry a secret header. It does not repeat lost ones
either: the reconciliation picks those up.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from annotate.bridges.label_studio.client import LabelStudioClient
from annotate.bridges.label_studio.intake import Annotation
from annotate.bridges.label_studio.links import Link, find_link, shown_tasks
from annotate.bridges.label_studio.pull import Reconciliation
from annotate.errors import BridgeError, LabellingError, VerdictError
from annotate.store import Store

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse

SECRET_HEADER = "X-Pairloop-Secret"  # noqa: S105 - the name of a header
SECRET_VARIABLE = "PAIRLOOP_LABEL_STUDIO_SECRET"  # noqa: S105 - the name of a variable
PATH = "/label-studio/webhook"
MOST_BYTES = 16 * 1024 * 1024
SAVED = ("ANNOTATION_CREATED", "ANNOTATIONS_CREATED", "ANNOTATION_UPDATED")
ACTIONS = (*SAVED, "ANNOTATIONS_DELETED", "TASKS_DELETED")
Answer = tuple[int, dict[str, Any]]


@dataclass
class Receiver:
    """Take the events of one server in."""

    store: Store
    client: LabelStudioClient
    secret: str
    _ready: dict[int, Reconciliation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.secret.strip():
            raise BridgeError(f"webhooks need a secret; set {SECRET_VARIABLE}")

    def receive(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Take one event in; return the status and a message of one line."""
        given = headers.get(SECRET_HEADER.lower(), "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self.secret.encode()):
            return 401, {"error": "wrong or missing secret"}
        try:
            event = json.loads(body)
            if not isinstance(event, dict):
                raise TypeError("an event is a JSON object")
            return 200, self._take_in(event)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            return 400, {"error": f"not an event of Label Studio: {_line(error)}"}
        except (BridgeError, VerdictError) as error:
            return 400, {"error": _line(error)}
        except LabellingError as error:
            return 409, {"error": _line(error)}
        except SQLAlchemyError:
            return 503, {"error": "the database is not available; reconciliation will pick this up"}

    def _take_in(self, event: dict[str, Any]) -> dict[str, Any]:
        action = str(event["action"])
        if action not in ACTIONS:
            return {"outcome": "ignored"}
        work = self._project(int(event["project"]["id"]))
        if action == "TASKS_DELETED":
            work.forget([int(row["id"]) for row in event["tasks"]])
            return {"outcome": "forgotten"}
        if action == "ANNOTATIONS_DELETED":
            return {"withdrawn": work.intake.take_back([int(row["id"]) for row in event["annotations"]])}
        found = event["annotation"]
        return {"outcome": [self._save(work, row) for row in (found if isinstance(found, list) else [found])]}

    def _save(self, work: Reconciliation, row: dict[str, Any]) -> str:
        number = int(row["task"])
        shown = shown_tasks(self.store, work.link, [number]).get(number)
        if shown is None:
            return "not ours"
        return work.intake.take_in(shown, Annotation.read(row, work.users))

    def _project(self, project: int) -> Reconciliation:
        """Return what takes a project's events in, made anew when its link has changed."""
        link = find_link(self.store, self.client.base_url, project)
        ready = self._ready.get(project)
        if ready is None or _basis(ready.link) != _basis(link):
            ready = self._ready[project] = Reconciliation.of(self.store, self.client, link)
        return ready


def webhook_app(store: Store, client: LabelStudioClient, secret: str) -> Starlette:
    """Return the ASGI application that receives webhooks under `PATH`; mount it, or serve it alone.

    Raises BridgeError without a secret.
    """
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    receiver = Receiver(store, client, secret)

    async def receive(request: Request) -> JSONResponse:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                return JSONResponse({"error": f"more than {MOST_BYTES} bytes"}, 413)
        status, message = await run_in_threadpool(receiver.receive, request.headers, bytes(body))
        return JSONResponse(message, status)

    return Starlette(routes=[Route(PATH, receive, methods=["POST"])])


def connect_webhook(client: LabelStudioClient, link: Link, url: str, secret: str) -> int:
    """Let the server send the events of a project to a URL, with the secret; return the webhook's number.

    A webhook to this URL that is there already is changed to fit.
    """
    if not secret.strip():
        raise BridgeError(f"webhooks need a secret; set {SECRET_VARIABLE}")
    known = [hook for hook in client.webhooks(link.project) if hook["url"] == url]
    wish = {
        "project": link.project,
        "url": url,
        "send_payload": True,
        "send_for_all_actions": False,
        "headers": {SECRET_HEADER: secret},
        "actions": list(ACTIONS),
        "is_active": True,
    }
    return client.save_webhook(wish, int(known[0]["id"]) if known else None)


def _basis(link: Link) -> Sequence[Any]:
    return link.id, link.seats, link.cursor.get("guideline"), link.cursor.get("people")


def _line(error: Exception) -> str:
    return " ".join(f"{error}".split())[:200] or type(error).__name__
