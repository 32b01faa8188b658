"""Readers together, writers alone."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from rag.indexes.locking import SharedLock


def test_readers_come_in_together() -> None:
    lock, meeting = SharedLock(), Barrier(3, timeout=10)

    def read() -> int:
        with lock.shared():
            return meeting.wait()

    with ThreadPoolExecutor(3) as threads:
        assert sorted(threads.map(lambda _: read(), range(3))) == [0, 1, 2]


def test_a_writer_waits_for_readers_and_keeps_them_out() -> None:
    lock, reading, go_on = SharedLock(), Event(), Event()
    order: list[str] = []

    def read_first() -> None:
        with lock.shared():
            reading.set()
            go_on.wait(10)
            order.append("first reader")

    def write() -> None:
        with lock.exclusive():
            order.append("writer begins")
            time.sleep(0.05)
            order.append("writer ends")

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(read_first)
        reading.wait(10)
        writer = threads.submit(write)
        time.sleep(0.02)
        assert order == []
        go_on.set()
        for one in (first, writer):
            one.result(10)
    assert order == ["first reader", "writer begins", "writer ends"]


def test_an_error_inside_lets_go_of_the_lock() -> None:
    lock = SharedLock()
    for hold in (lock.shared, lock.exclusive):
        with pytest.raises(KeyError), hold():
            raise KeyError
    with lock.exclusive():
        pass
