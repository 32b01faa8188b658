"""SIGTERM as a wish that a loop of steps looks at: save a checkpoint and end."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

StopSignal = threading.Event


@contextmanager
def stop_signal() -> Iterator[StopSignal]:
    """Set an event on SIGTERM, for as long as the context is open.

    Python delivers signals to the main thread only; in another one the event is never set, and the caller has
    to stop the process.
    """
    stop = StopSignal()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.signal(signal.SIGTERM, lambda *_: stop.set())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGTERM, before)
