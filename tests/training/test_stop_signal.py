"""SIGTERM is a wish to stop for as long as somebody looks at it."""

import os
import signal
import threading

from training.stop_signal import stop_signal


def test_sigterm_sets_the_event_and_nothing_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stop_signal() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(5)
    assert signal.getsignal(signal.SIGTERM) is before


def test_another_thread_gets_an_event_that_is_never_set() -> None:
    found: list[bool] = []

    def look() -> None:
        with stop_signal() as stop:
            found.append(stop.is_set())

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [False]
