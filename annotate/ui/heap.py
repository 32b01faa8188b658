"""Keep the memory of a long-lived server flat: one heap for all threads, and what is free given back."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

_M_ARENA_MAX = -8  # malloc.h of glibc
HEAPS = 1
TRIM_SECONDS = 60.0


def share_one_heap() -> bool:
    """Let all threads started from now on allocate from one heap; tell whether the C library can.

    glibc gives each thread a heap out of up to eight per processor. Requests wander over forty threads
    that come and go, so every heap grows to the largest request it ever served and keeps the room: it
    is free, but of use to nobody else. Under Python's global lock a heap for each buys little.

    Set in the process rather than by MALLOC_ARENA_MAX in its environment, which trainings would inherit.
    Other C libraries have no such heaps. Source: mallopt(3).
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # musl, macOS; Windows has no library without a name
        return False
    return bool(mallopt(_M_ARENA_MAX, HEAPS))


def trim() -> bool:
    """Give the free pages of the heap back to the system; tell whether there were any.

    The C library does so by itself only at the heap's end. Source: malloc_trim(3).
    """
    try:
        malloc_trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return False
    return bool(malloc_trim(0))


@contextmanager
def trimmed(every_seconds: float = TRIM_SECONDS) -> Iterator[None]:
    """Trim the heap time and again for as long as the context is open."""
    stop = Event()

    def work() -> None:
        while not stop.wait(every_seconds):
            trim()

    thread = Thread(target=work, name="heap", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
