from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from rag.generators.streaming import Pieces, in_background


def test_pieces_come_in_order_and_an_error_reaches_the_reader() -> None:
    def write() -> Iterator[str]:
        yield "a"
        yield "b"
        raise ValueError("the engine broke")

    stream = in_background(write)
    assert [next(stream), next(stream)] == ["a", "b"]
    with pytest.raises(ValueError, match="the engine broke"):
        next(stream)


def test_a_reader_that_leaves_ends_the_writer() -> None:
    closed = threading.Event()

    def write() -> Iterator[str]:
        try:
            while True:
                yield "a"
                time.sleep(0.01)
        finally:
            closed.set()

    stream = in_background(write)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert closed.is_set()


def test_half_a_character_waits_for_its_rest() -> None:
    letters = "Дa🙂!".encode()

    def decode(tokens: object) -> str:
        return bytes(tokens).decode(errors="replace")  # type: ignore[call-overload]

    pieces = Pieces(decode)
    given = [pieces.add([byte], last=at == len(letters) - 1) for at, byte in enumerate(letters)]
    assert "".join(given) == "Дa🙂!"
    assert given[0] == ""
