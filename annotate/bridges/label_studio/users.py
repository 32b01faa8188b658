"""Know the users of a server by their addresses."""

from __future__ import annotations

import time

from annotate.bridges.label_studio.client import LabelStudioClient

AGAIN_SECONDS = 30.0  # until a user whom the server did not know is asked for again


class Users:
    """Hold e-mail addresses by user id; ask the server for one that is missing."""

    def __init__(self, client: LabelStudioClient) -> None:
        self._client = client
        self._known: dict[int, str] = {}
        self._missed: dict[int, float] = {}

    def address(self, user: int) -> str:
        """Return the address of a user in small letters; empty for one whom the server does not know."""
        if user not in self._known and time.monotonic() > self._missed.get(user, 0.0):
            if address := self._client.user(user):
                self._known[user] = address.lower()
            else:
                self._missed[user] = time.monotonic() + AGAIN_SECONDS
        return self._known.get(user, "")
