from __future__ import annotations

import asyncio
import threading
import time

import pytest

from rag import EndpointError
from rag.generators.admission import WaitingRoom


def hold(room: WaitingRoom, released: threading.Event) -> threading.Thread:
    entered = threading.Event()

    def run() -> None:
        with room.place("here"):
            entered.set()
            released.wait()

    thread = threading.Thread(target=run)
    thread.start()
    assert entered.wait(5)
    return thread


def test_a_place_is_given_back_after_an_error() -> None:
    room = WaitingRoom(1)
    with pytest.raises(ValueError, match="x"), room.place("here"):
        raise ValueError("x")
    with room.place("here"):
        assert room.running == 1
    assert room.running == 0


def test_who_waits_too_long_is_told_so_and_takes_no_place() -> None:
    room, released = WaitingRoom(1, wait_seconds=0.1), threading.Event()
    holder = hold(room, released)
    with pytest.raises(EndpointError, match=r"here: no place within 0\.1 seconds"), room.place("here"):
        pass
    released.set()
    holder.join()
    with room.place("here"):
        assert room.running == 1


def test_who_would_wait_too_long_is_refused_at_once() -> None:
    room, released = WaitingRoom(1, wait_seconds=0.2), threading.Event()
    with room.place("here"):
        time.sleep(0.3)  # requests take longer than anybody may wait
    holder = hold(room, released)
    started = time.monotonic()
    with pytest.raises(EndpointError, match="is expected in"), room.place("here"):
        pass
    assert time.monotonic() - started < 0.1
    released.set()
    holder.join()


def test_a_cancelled_coroutine_leaves_the_queue() -> None:
    async def run() -> int:
        room, released = WaitingRoom(1), threading.Event()
        holder = hold(room, released)

        async def wait() -> None:
            async with room.place_async("here"):
                raise AssertionError

        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        released.set()
        await asyncio.to_thread(holder.join)
        async with room.place_async("here"):
            return room.running

    assert asyncio.run(run()) == 1


def test_places_are_given_in_the_order_of_coming() -> None:
    room, released = WaitingRoom(1), threading.Event()
    holder = hold(room, released)
    order: list[int] = []

    def run(number: int) -> None:
        with room.place("here"):
            order.append(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
        time.sleep(0.05)
    released.set()
    for thread in [holder, *threads]:
        thread.join()
    assert order == [0, 1, 2, 3]
