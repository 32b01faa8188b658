"""Keep requests in bounds: how often, how large, of what type, how long."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, TypeVar

from starlette.datastructures import Headers

from annotate.access.sessions import COOKIE
from annotate.api.problems import problem
from annotate.api.texts import is_storable

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Bound = TypeVar("Bound", int, float)
KIB = 1024
MOST_KEYS = 10_000  # callers remembered; the one longest unseen is forgotten first


@dataclass(frozen=True)
class Limits:
    """Hold the limits; those of single paths, by their beginning, stand above the general ones.

    A caller, known by a token or a session, may send `burst` requests at once and `per_second` in the
    long run. Of callers whose token or session does not hold, an address may send fewer.
    """

    per_second: float = 20.0
    burst: int = 200
    strangers_per_second: float = 1.0
    strangers_burst: int = 60
    body_bytes: int = 1024 * KIB
    body_bytes_of: Mapping[str, int] = field(
        default_factory=lambda: {"/ask": 64 * KIB, "/hooks/label-studio": 16 * 1024 * KIB}
    )
    body_seconds: float = 15.0
    seconds: float = 30.0
    seconds_of: Mapping[str, float] = field(default_factory=lambda: {"/ask": 300.0, "/exports": 600.0})


class Buckets:
    """Hold a bucket of tokens for each caller, which fills at an even rate.

    Source: the token bucket of Turner, "New directions in communications", IEEE Communications 1986.
    """

    def __init__(self, per_second: float, burst: int) -> None:
        self.per_second, self.burst = per_second, burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str, *, take: bool = True) -> float:
        """Take from a caller's bucket, or only look; return the seconds until it can be."""
        moment = time.monotonic()
        left, since = self._left.pop(key, (float(self.burst), moment))
        left = min(self.burst, left + (moment - since) * self.per_second)
        short = 1.0 - left
        self._left[key] = (left - 1.0 if take and short <= 0 else left, moment)
        while len(self._left) > MOST_KEYS:
            self._left.popitem(last=False)
        return max(0.0, short / self.per_second)


class LimitMiddleware:
    """Refuse requests that come too often, are too large, of another type, or take too long."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app, self.limits = app, limits
        self._callers = Buckets(limits.per_second, limits.burst)
        self._strangers = Buckets(limits.strangers_per_second, limits.strangers_burst)
        self._known: OrderedDict[str, None] = OrderedDict()
        self._late: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it with a problem."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), path_of(scope)
        address = scope["client"][0] if scope.get("client") else ""
        caller = _caller(headers)
        wait = self._callers.wait(caller or address)
        if caller not in self._known:
            wait = max(wait, self._strangers.wait(address, take=False))
        if wait > 0:
            answer = problem(429, "too many requests", headers={"Retry-After": f"{int(wait) + 1}"})
            await answer(scope, receive, send)
            return
        most = _of_path(self.limits.body_bytes_of, path, self.limits.body_bytes)
        refusal, body = await self._read(headers, scope.get("query_string", b""), receive, most)
        if refusal:
            await problem(*refusal, headers={"Connection": "close"})(scope, receive, send)
            return

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._learn(caller, address, is_stranger=message["status"] == 401)
            await send(message)

        seconds = _of_path(self.limits.seconds_of, path, self.limits.seconds)
        await self._within(seconds, scope, _replay(body, receive), watched)

    def _learn(self, caller: str, address: str, *, is_stranger: bool) -> None:
        if is_stranger:
            self._known.pop(caller, None)
            self._strangers.wait(address)
        elif caller:
            self._known[caller] = None
            self._known.move_to_end(caller)
            if len(self._known) > MOST_KEYS:
                self._known.popitem(last=False)

    async def _read(
        self, headers: Headers, query: bytes, receive: Receive, most: int
    ) -> tuple[tuple[int, str] | None, bytes]:
        """Read the body; return why it is refused, if it is, and what was read."""
        too_large = (413, f"a body here has {most} bytes at most")
        if headers.get("content-length", "0").isdigit() and int(headers.get("content-length", "0")) > most:
            return too_large, b""
        body = bytearray()
        try:
            async with asyncio.timeout(self.limits.body_seconds):
                while (message := await receive())["type"] == "http.request":
                    body += message.get("body", b"")
                    if len(body) > most:
                        return too_large, b""
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            return (408, "the body did not arrive in time"), b""
        kind = headers.get("content-type", "").split(";")[0].strip().lower()
        if body and kind != "application/json":
            return (415, "a body here is application/json"), b""
        if not is_storable(bytes(body), query):
            return (422, "a text holds a zero character or half of one, or a number is none"), b""
        return None, bytes(body)

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    async def _within(self, seconds: float, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait until the answer begins; one that does not in time is dropped.

        The work goes on in its thread, which nothing can stop, and its answer goes nowhere.
        """
        begun, dropped = asyncio.Event(), False

        async def guarded(message: Message) -> None:
            begun.set()
            if not dropped:
                await send(message)

        work: asyncio.Task[None] = asyncio.create_task(self._run(scope, receive, guarded))
        first = asyncio.create_task(begun.wait())
        try:
            done, _ = await asyncio.wait({work, first}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                dropped = True
                self._late.add(work)
                work.add_done_callback(self._late.discard)
                await problem(504, f"this took longer than {seconds:.0f} seconds")(scope, receive, send)
                return
            await work
        except asyncio.CancelledError:
            work.cancel()
            raise
        finally:
            first.cancel()


def path_of(scope: Scope) -> str:
    """Return the path below where the application is mounted."""
    return str(scope["path"]).removeprefix(str(scope.get("root_path", "")))


def _caller(headers: Headers) -> str:
    """Return the hash of what a caller shows: a token, or the cookie of a session."""
    secret = headers.get("authorization", "")
    if not secret:
        with suppress(CookieError):
            cookies = SimpleCookie(headers.get("cookie", ""))
            secret = cookies[COOKIE].value if COOKIE in cookies else ""
    return hashlib.sha256(secret.encode()).hexdigest() if secret else ""


def _of_path(of: Mapping[str, Bound], path: str, general: Bound) -> Bound:
    return next((bound for beginning, bound in of.items() if path.startswith(beginning)), general)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
