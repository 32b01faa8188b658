"""Give every request an id, a line in the log and a place in the figures; let no error escape."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from typing import TYPE_CHECKING
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders

from annotate.api.limits import path_of
from annotate.api.problems import is_refusal_of_library, problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from annotate.api.metrics import Traffic

HEADER = "X-Request-ID"
log = logging.getLogger("pairloop.api")
_GOOD_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")


class TraceMiddleware:
    """Trace requests; an error that nobody caught becomes a 500 with the request's id, and a log entry."""

    def __init__(self, app: ASGIApp, traffic: Traffic) -> None:
        self.app, self.traffic = app, traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Trace one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number = _request_id(Headers(scope=scope))
        started, status = time.perf_counter(), 0

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        try:
            await self.app(scope, receive, marked)
        except Exception as error:
            if is_refusal_of_library(error) and not status:
                await problem(409, str(error), kind="refused")(scope, receive, marked)
                return
            log.exception("%s %s failed, request %s", scope["method"], path_of(scope), number)
            if status:  # the answer has begun: all that is left is to break it off
                raise
            await problem(500, f"this is our fault; the log knows it as {number}")(scope, receive, marked)
        finally:
            seconds = time.perf_counter() - started
            self.traffic.count(scope, status, seconds)
            log.info(
                "%s %s %s %.1f ms, request %s",
                scope["method"],
                path_of(scope),
                status,
                seconds * 1000,
                number,
            )


class TagMiddleware:
    """Give whole answers to GET an ETag, and answer 304 where the caller has the same already."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tag one answer."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        held: Message | None = None

        async def tagged(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "private, no-cache")
                is_json = headers.get("content-type", "") == "application/json"
                if message["status"] == 200 and is_json and "content-length" in headers:
                    held = message
                    return
            elif held is not None:
                start, held = held, None
                if not message.get("more_body"):
                    message, start = _with_tag(scope, start, message)
                await send(start)
            await send(message)

        await self.app(scope, receive, tagged)


def _with_tag(scope: Scope, start: Message, body: Message) -> tuple[Message, Message]:
    tag = f'"{hashlib.sha256(body.get("body", b"")).hexdigest()[:32]}"'
    headers = MutableHeaders(scope=start)
    headers["ETag"] = tag
    known = [
        one.strip().removeprefix("W/") for one in Headers(scope=scope).get("if-none-match", "").split(",")
    ]
    if tag in known:
        del headers["content-length"]
        return {"type": "http.response.body", "body": b""}, {**start, "status": 304}
    return body, start


def _request_id(headers: Headers) -> str:
    given = headers.get(HEADER, "")
    return given if _GOOD_ID.fullmatch(given) else uuid4().hex
