"""Prove who we are with either kind of token."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Generator

import httpx

from annotate.errors import BridgeError

SPARE_SECONDS = 30.0  # an access token is renewed so long before it ends


class TokenAuth(httpx.Auth):
    """Send a legacy token as it is; exchange a personal access token for short-lived ones.

    A personal access token is a JWT that refreshes: the server gives an access token for it,
    good for some minutes, renewed before it ends and whenever the server says that it has.
    """

    def __init__(self, base_url: str, token: str) -> None:
        self._refresh_url = f"{base_url}/api/token/refresh/"
        self._token = token
        self._access, self._ends = "", 0.0
        self._lock = threading.Lock()
        self._is_personal = token.count(".") == 2

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header; once more with a new access token when the first is refused."""
        if not self._is_personal:
            request.headers["Authorization"] = f"Token {self._token}"
            yield request
            return
        if time.time() > self._ends - SPARE_SECONDS:
            yield from self._renew()
        request.headers["Authorization"] = f"Bearer {self._access}"
        answer = yield request
        if answer.status_code == 401:
            yield from self._renew()
            request.headers["Authorization"] = f"Bearer {self._access}"
            yield request

    def _renew(self) -> Generator[httpx.Request, httpx.Response, None]:
        answer = yield httpx.Request("POST", self._refresh_url, json={"refresh": self._token})
        answer.read()
        if not answer.is_success:
            raise BridgeError(f"Label Studio refuses the personal access token ({answer.status_code})")
        with self._lock:
            self._access = str(answer.json()["access"])
            self._ends = _end_of(self._access)


def _end_of(token: str) -> float:
    """Return when a JWT ends, in seconds since 1970."""
    claims = token.split(".")[1]
    return float(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"])
