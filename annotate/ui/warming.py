"""Load before the first visit what it would wait for, and keep it out of the way of every later one."""

from __future__ import annotations

import gc
import inspect
from importlib import import_module

# What Streamlit and the screens import only when something is drawn: pandas and Arrow alone take a second.
LATE = (
    "pandas",
    "pyarrow",
    "altair",
    "annotate.ui.card",
    "annotate.ui.entrance.handover",
    "annotate.ui.entry",
    "annotate.ui.standing",
)


def warm_up() -> None:
    """Import what is imported late, and let the collector of garbage pass over all that lives on.

    Streamlit collects all garbage after every run of a screen, and nothing else runs in the server
    meanwhile: with some 300,000 objects of imported modules to look at, that is 0.2 seconds.
    """
    for name in LATE:
        import_module(name)
    inspect.stack()  # it remembers where each module lies; Streamlit asks once, with the first element
    gc.collect()
    gc.freeze()
