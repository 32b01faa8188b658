"""Settle a signal together with what follows for the assessor, in one transaction."""

from __future__ import annotations

from typing import Literal

from annotate.labelling.assessors import set_state
from annotate.labelling.controls.gold_rules import WARNED
from annotate.labelling.controls.signals.ledger import close_signal
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.history import record
from annotate.store import Assessor, Store
from annotate.store.ledger import BANNED, PAUSED

Consequence = Literal["none", "warn", "pause", "ban"]
CONSEQUENCES: tuple[Consequence, ...] = ("none", "warn", "pause", "ban")
_STATES = {"pause": PAUSED, "ban": BANNED}


def settle_with(store: Store, signal_id: int, consequence: Consequence, *, by: str, reason: str) -> None:
    """Close a signal, and warn, pause or ban the assessor, or let it be.

    Whoever is banned stays so. Raises LabellingError without a reason, or for a signal that is unknown or
    settled already; then nothing follows.
    """
    with store.writing.begin() as session:
        signal = close_signal(
            session, signal_id, by, f"{consequence}: {reason.strip()}" if reason.strip() else ""
        )
        assessor = session.get_one(Assessor, signal.assessor_id, with_for_update=True)
        if consequence == "warn":
            record(session, WARNED, clock_now(session), assessor_id=assessor.id, reason=reason.strip())
        elif consequence in _STATES and assessor.state != BANNED:
            set_state(session, assessor, _STATES[consequence], reason.strip())
