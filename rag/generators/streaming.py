"""Hand on a text while it is being written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from queue import Queue
from threading import Event, Thread

_BROKEN_CHARACTER = "\ufffd"


def in_background(write: Callable[[], Iterator[str]]) -> Iterator[str]:
    """Yield what a writer yields, which runs in a thread of its own.

    A reader that is slow does not hold up the writer, nor those who wait for its engine. A
    reader that stops early closes the writer at its next piece. Errors of the writer are raised
    in the reader.
    """
    pieces: Queue[str | BaseException | None] = Queue()
    abandoned = Event()

    def run() -> None:
        writer = write()
        try:
            for piece in writer:
                if abandoned.is_set():
                    break
                pieces.put(piece)
            pieces.put(None)
        except BaseException as error:  # noqa: BLE001 - raised again in the reader
            pieces.put(error)
        finally:
            writer.close()  # type: ignore[attr-defined]

    thread = Thread(target=run, daemon=True, name="stream")
    thread.start()
    try:
        while (piece := pieces.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        abandoned.set()
        thread.join()


class Pieces:
    """Turn growing lists of tokens into pieces of text, never half a character."""

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._tokens: list[int] = []
        self._given = 0

    def add(self, tokens: Sequence[int], *, last: bool) -> str:
        """Return the text that became certain with these tokens."""
        self._tokens += tokens
        text = self._decode(self._tokens)
        if text.endswith(_BROKEN_CHARACTER) and not last:
            return ""  # the rest of a character comes with the next token
        piece = text[self._given :]
        self._given = len(text)
        return piece
