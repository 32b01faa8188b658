"""Report what must be of this moment: who may work, and which signals are open."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from annotate.labelling.controls.signals import SignalView, list_signals
from annotate.store import Assessor, Store

MOST_SETTLED = 200


@dataclass(frozen=True)
class Standing:
    """Show whether an assessor gets work, and why not."""

    kind: str
    state: str
    reason: str


@dataclass(frozen=True)
class Live:
    """Hold the standing of every assessor by name, the open signals, and the settled ones, latest first."""

    standings: dict[str, Standing]
    open_signals: tuple[SignalView, ...]
    settled: tuple[SignalView, ...]


def report_live(store: Store) -> Live:
    """Read it."""
    with store.reading() as session:
        rows = session.execute(
            select(Assessor.name, Assessor.kind, Assessor.state, Assessor.state_reason).order_by(
                Assessor.name
            )
        )
        standings = {name: Standing(kind, state, reason) for name, kind, state, reason in rows}
    signals = list_signals(store, settled=True)
    dated = [(one.settled_at, one) for one in signals if one.settled_at is not None]
    settled = [one for _, one in sorted(dated, key=lambda pair: pair[0], reverse=True)]
    return Live(
        standings,
        tuple(one for one in signals if one.settled_at is None),
        tuple(settled[:MOST_SETTLED]),
    )
