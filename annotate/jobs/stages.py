"""Do the stages of a loop once each: a finished stage is read back, an interrupted one goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from annotate.store import Stage, Store

Work = Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Done:
    """Hold what a stage gave, how long it took, and whether that was earlier."""

    name: str
    result: dict[str, Any]
    seconds: float
    earlier: bool


def run_stage(store: Store, loop: str, name: str, work: Work) -> Done:
    """Run a stage unless it finished before; its own work must be safe to start again."""
    key = f"{loop}/{name}"
    with store.reading() as session:
        known = session.get(Stage, key)
        if known is not None:
            return Done(name, known.result, known.seconds, earlier=True)
    started = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - started
    with store.writing.begin() as session:
        session.merge(Stage(key=key, result=result, seconds=seconds))
    return Done(name, result, seconds, earlier=False)
